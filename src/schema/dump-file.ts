import { ToolError } from '../core/tool-error.ts'
import { readTextFile } from '../files/text-file.ts'
import { isFault } from '../migrations/files/migration-name.ts'
import { toStatement } from '../sql/classify.ts'
import { scan } from '../sql/scanner.ts'
import { isVschemaVerb } from '../sql/statements/vschema.ts'

/** The size limit of a dump of definitions; one with rows is larger. */
const largestDump = 64 * 1024 * 1024

export interface DumpStatement {
  readonly text: string
  readonly line: number
}

/**
 * The statements of an SQL file, such as `mysqldump --no-data` or `wwdb schema dump` writes, that create or set something. Rows, locks and USE are left
 * out. Throws ToolError where the file cannot be read or split, or where a statement names another schema.
 */
export function readDumpStatements(path: string, file: string): readonly DumpStatement[] {
  const read = readTextFile(path, file, largestDump)
  if (isFault(read)) throw new ToolError('DUMP_INVALID', read)
  if (read.text === null) {
    throw new ToolError('DUMP_INVALID', {
      what: 'The file is larger than 64 MiB.',
      where: { file },
      next: 'Write it without rows: `mysqldump --no-data`.',
    })
  }
  const pieces = scan(read.text, { file }).filter((piece) => piece.type === 'statement')
  return pieces.flatMap((piece, index) => {
    const statement = toStatement(piece, index)
    const { line, text, verb } = statement
    const isSetting = verb === 'SET' && !/\bGLOBAL\b|\bPERSIST|@@GLOBAL/i.test(text)
    if (statement.class !== 'definition' && !isSetting) return []
    // No scratch schema has a VSchema.
    if (/^(CREATE|DROP|ALTER) (DATABASE|SCHEMA)$/.test(verb) || isVschemaVerb(verb)) return []
    const foreign = statement.objects.find(({ schema }) => schema !== null)
    if (foreign !== undefined) {
      throw new ToolError('DUMP_INVALID', {
        what: `The statement names the schema \`${foreign.schema}\`, so it cannot run in a scratch schema.`,
        where: { file, line },
        next: 'Remove the name of the schema.',
      })
    }
    return [{ text, line }]
  })
}
