import type { DatabaseConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'

/** Throws ToolError `SCHEMA_HIDDEN`: without an existing object, the rest would pass for the whole schema. */
export function refuseHidden(
  schemas: readonly { readonly database: DatabaseConfig; readonly hidden: readonly string[] }[],
): void {
  const faults = schemas.flatMap(({ database, hidden }) =>
    hidden.map((object) => ({
      what: `The user of \`${database.name}\` cannot read the definition of the ${object}.`,
      where: { database: database.name, server: database.server.label },
      next: `GRANT ${object.startsWith('view ') ? `SELECT, SHOW VIEW ON \`${database.schema}\`.*` : 'SHOW_ROUTINE ON *.*'} to the user.`,
    })),
  )
  if (faults.length > 0) throw new ToolError('SCHEMA_HIDDEN', faults)
}
