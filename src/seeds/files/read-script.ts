import type { Condition } from '../../core/condition.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import { withExcerpts } from '../../files/text-file.ts'
import { listOptionalFolder, type PlainFile } from '../../migrations/files/folder.ts'
import { type Header, readHeader } from '../../migrations/files/header.ts'
import { isFault } from '../../migrations/files/migration-name.ts'
import { findPlaceholderFaults } from '../../migrations/files/placeholders.ts'
import { moduleFunction, readModuleHeaders } from '../../migrations/files/source-file.ts'
import { toStatement } from '../../sql/classify.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { DirectivePiece, StatementPiece } from '../../sql/piece.ts'
import { scan } from '../../sql/scanner.ts'
import type { Statement, StatementClass } from '../../sql/statement.ts'
import type { SeedScript } from '../seed.ts'

interface ScriptReading {
  readonly script: SeedScript
  readonly faults: readonly Fault[]
}

/** Classes of statements that can share the transaction of a seed run. */
const allowed: ReadonlySet<StatementClass> = new Set(['data', 'session'])

/** A seed in SQL: statements as in a migration, without parts; `-- wwdb:when` may precede them. */
export function readSqlSeed(entry: SeedEntry, text: string, databases: readonly string[]): ScriptReading {
  const conditions: Condition[] = []
  const statements: Statement[] = []
  const faults: Fault[] = []
  try {
    for (const piece of scan(text, { file: entry.file })) {
      if (piece.type === 'gap') continue
      if (piece.type === 'directive') {
        const header = statements.length > 0 ? misplaced(piece) : readDirective(piece)
        if (isFault(header)) faults.push(header)
        else if (header.type === 'when') conditions.push(header.condition)
        else faults.push(refuseHeader(header, piece))
      } else {
        const statement = toStatement(piece, statements.length)
        statements.push(statement)
        faults.push(...judgeStatement(statement, piece, databases))
      }
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    faults.push(...error.faults)
  }
  if (statements.length === 0 && faults.length === 0) faults.push(emptyFault(entry.file))
  const body = { type: 'statements', statements } as const
  const script = { file: entry.file, name: entry.name, checksum: checksumOf(text), conditions, body }
  return { script, faults: withExcerpts(faults, text) }
}

/** A seed in TypeScript or JavaScript: its function `seed(knex)`, imported when it runs. */
export function readModuleSeed(entry: SeedEntry, text: string): ScriptReading {
  const { headers, faults } = readModuleHeaders(text, entry.file)
  const checksum = checksumOf(text)
  const module = { path: entry.path, file: entry.file, checksum }
  const body = { type: 'module', path: entry.path, run: moduleFunction(module, 'seed') } as const
  const { conditions } = headers
  const extra = headers.requires.length + headers.accepted.length > 0
  const refused: Fault = {
    what: 'The only header allowed in a seed is `wwdb:when`.',
    where: { file: entry.file },
    next: 'Leave the others out.',
  }
  const all = extra ? [...faults, refused] : faults
  return { script: { file: entry.file, name: entry.name, checksum, conditions, body }, faults: withExcerpts(all, text) }
}

function readDirective({ name, argument, file, line }: DirectivePiece): Header | Fault {
  if (name !== 'migrate') return readHeader(name, argument, { file, line })
  return {
    what: 'A seed has no parts.',
    where: { file, line },
    next: 'Remove the line; use a migration to revert a seed.',
  }
}

function misplaced({ name, file, line }: DirectivePiece): Fault {
  return { what: `The header \`wwdb:${name}\` is below a statement.`, where: { file, line }, next: 'Move it up.' }
}

function refuseHeader(header: Header, { file, line }: DirectivePiece): Fault {
  return {
    what: `"wwdb:${header.type}" is for migrations; a seed allows only \`wwdb:when\`.`,
    where: { file, line },
    next: 'Remove it.',
  }
}

function judgeStatement(statement: Statement, piece: StatementPiece, databases: readonly string[]): readonly Fault[] {
  const placeholders = findPlaceholderFaults(statement, databases)
  if (allowed.has(statement.class) && !isTemporary(statement)) return placeholders
  const { file, line, column } = piece
  const where = { file, line, column, statement: beginningOf(statement.text) }
  if (statement.refusal !== null) return [{ what: statement.refusal.why, where, next: statement.refusal.next }]
  return [
    {
      what: `A seed cannot run ${statement.verb}.`,
      where,
      why: 'All seeds of a database are one transaction, and this could commit in the middle of it.',
      next: 'Write it as a migration.',
    },
  ]
}

/** Temporary tables and prepared statements outlive the transaction, and a prepared statement could be anything. */
function isTemporary({ class: kind, verb }: Statement): boolean {
  return kind === 'session' && verb !== 'SET' && verb !== 'SELECT'
}

function emptyFault(file: string): Fault {
  return { what: 'The file has no statements.', where: { file }, next: 'Write its statements, or remove the file.' }
}

/** A logical database and the absolute path of the folder with its seeds. */
export interface SeedFolder {
  readonly name: string
  readonly seeds: string
  /** True where the configuration names the folder: then it must exist. */
  readonly seedsNamed: boolean
}

type SeedForm = 'rows' | 'sql' | 'module'

/** A file whose name is that of a seed. */
export interface SeedEntry extends PlainFile {
  readonly form: SeedForm
}

const seedName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*\.(yaml|yml|json|sql|ts|js|mjs)$/u
const forms: Readonly<Record<string, SeedForm>> = { yaml: 'rows', yml: 'rows', json: 'rows', sql: 'sql' }

/** Lists a folder and reads the names in it; opens no file. A default folder need not exist. */
export function listSeeds(
  folder: SeedFolder,
  root: string,
): { readonly entries: readonly SeedEntry[]; readonly faults: readonly Fault[] } {
  const { name: database, seeds: directory, seedsNamed: named } = folder
  return listOptionalFolder({ database, directory, named, holds: 'seeds' }, root, (plain): SeedEntry | Fault => {
    const extension = seedName.exec(plain.name.normalize('NFC'))?.[1]
    return extension === undefined ? nameFault(plain.file) : { ...plain, form: forms[extension] ?? 'module' }
  })
}

function nameFault(file: string): Fault {
  return {
    what: 'This file name is not the name of a seed.',
    where: { file },
    why: 'A seed name consists of letters, digits, `_`, `-` and `.`, and ends in .yaml, .yml, .json, .sql, .ts, .js or .mjs.',
    next: 'Rename it, or move it out of the folder.',
  }
}
