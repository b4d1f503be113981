import { ToolError } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import { resolveObjects, type Schemas } from './placeholders.ts'

/** The statements of a file; none are known of one in code. */
type Statements =
  | { readonly type: 'statements'; readonly statements: readonly Statement[] }
  | { readonly type: 'stream'; readonly open: () => AsyncIterable<Statement> }
  | { readonly type: 'module' }

/**
 * Refuses files of which one changes what is in none of `schemas`, before the first of them runs in schemas that are not the databases' own, such as scratch schemas and
 * those of a test environment: objects and rows that others use would be changed. Throws ToolError `STATEMENT_FAILED`.
 * @param schemas those in which the files are to run, by database
 */
export async function refuseReachingOut(files: readonly Statements[], schemas: Schemas): Promise<void> {
  const inside = new Set(schemas.values())
  for (const file of files) {
    if (file.type === 'module') continue
    for await (const statement of file.type === 'statements' ? file.statements : file.open()) {
      const outside = findOutside(statement, schemas, inside)
      if (outside !== null) throw reachesOut(statement, outside)
    }
  }
}

const reading: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'VALUES', 'TABLE', 'DO'])

/** The first schema that a statement changes and that is none of those inside; null without one. */
function findOutside({ verb, objects }: Statement, schemas: Schemas, inside: ReadonlySet<string>): string | null {
  if (reading.has(verb)) return null
  const named = resolveObjects(objects, schemas).map(({ type, schema, name }) => {
    if (type !== 'schema') return schema
    // What a schema is created for is created inside.
    return /^(?:DROP|ALTER) /.test(verb) && name !== '' ? name : null
  })
  return named.find((schema) => schema !== null && !inside.has(schema)) ?? null
}

function reachesOut({ file, line, verb }: Statement, schema: string): ToolError {
  return new ToolError('STATEMENT_FAILED', {
    what: `${verb} names the schema \`${schema}\`.`,
    where: { file, line },
    why: `The files run in other schemas here, and the statement would run in \`${schema}\` itself. Nothing was run.`,
    next: 'Leave the schema out, or write `{{schema:NAME}}` with the name of a database of the configuration.',
  })
}
