import { ToolError } from '../core/tool-error.ts'
import type { Migration } from '../migrations/migration.ts'
import { resolveObjects, type Schemas } from '../migrations/plan/placeholders.ts'
import type { Statement } from '../sql/statement.ts'

/**
 * Refuses all migrations of which one changes what is in no scratch schema, before the first of them runs: existing objects and rows would be changed. Throws ToolError
 * `STATEMENT_FAILED`. @param names those that run, as `DATABASE/VERSION`; null for all @param schemas the scratch schemas
 */
export async function refuseReachingOut(
  migrations: readonly Migration[],
  names: ReadonlySet<string> | null,
  schemas: Schemas,
): Promise<void> {
  const inside = new Set(schemas.values())
  for (const { database, version, up } of migrations) {
    if (up.type === 'module' || names?.has(`${database}/${version}`) === false) continue
    for await (const statement of up.type === 'statements' ? up.statements : up.open()) {
      const outside = findOutside(statement, schemas, inside)
      if (outside !== null) throw reachesOut(statement, outside)
    }
  }
}

const reading: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'VALUES', 'TABLE', 'DO'])

/** The first schema that a statement changes and that is none of the scratch schemas; null without one. */
function findOutside({ verb, objects }: Statement, schemas: Schemas, inside: ReadonlySet<string>): string | null {
  if (reading.has(verb)) return null
  const named = resolveObjects(objects, schemas).map(({ type, schema, name }) => {
    if (type !== 'schema') return schema
    // What a schema is created for is created in the scratch schema.
    return /^(?:DROP|ALTER) /.test(verb) && name !== '' ? name : null
  })
  return named.find((schema) => schema !== null && !inside.has(schema)) ?? null
}

function reachesOut({ file, line, verb }: Statement, schema: string): ToolError {
  return new ToolError('STATEMENT_FAILED', {
    what: `${verb} names the schema \`${schema}\`.`,
    where: { file, line },
    why: `The migrations run in scratch schemas here, and the statement would run in \`${schema}\` itself.`,
    next: 'Leave the schema out, or write `{{schema:NAME}}` with the name of a database of the configuration.',
  })
}
