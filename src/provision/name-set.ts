import type { DatabaseConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { SetSchema } from './ports.ts'

/** MySQL's limit for a schema's name, in characters (reference manual, "Identifier Length Limits"). */
const longestSchema = 64
const longestName = 32

/** What every schema of ours begins with. */
const ours = 'wwdb_'

/** What the schemas of a set begin with. */
export function prefixOf(name: string): string {
  return `${ours}${name}_`
}

/** The databases as the set has them: the same servers and files, with schemas of its own. */
export function databasesOf(databases: readonly DatabaseConfig[], prefix: string): readonly DatabaseConfig[] {
  return databases.map((database) => ({ ...database, schema: `${prefix}${database.name}` }))
}

/** What the registry on the first one's server is told of them. */
export function schemasOf(databases: readonly DatabaseConfig[]): readonly SetSchema[] {
  const home = databases[0]?.server.label
  return databases.map(({ name, schema, server }) => ({
    database: name,
    schema,
    server: server.label === home ? '' : server.label,
  }))
}

/**
 * Refuses a name that is none, or makes the name of a schema too long. Lower case only: on some servers `A` and `a` are one
 * schema, on others two.
 * @throws ToolError `SET_NAME` (64).
 */
export function checkSetName(name: string, databases: readonly Pick<DatabaseConfig, 'name'>[]): void {
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.length > longestName)
    throw wrongName(
      `${JSON.stringify(name.slice(0, 80))} cannot name a set of databases`,
      `Take 1 to ${longestName} of a-z, 0-9 and _, a letter first.`,
    )
  const longest =
    databases.map((database) => database.name).toSorted((one, other) => other.length - one.length)[0] ?? ''
  const schema = `${prefixOf(name)}${longest}`
  if (schema.length > longestSchema)
    throw wrongName(
      `The set "${name}" would have a schema "${schema}", ${schema.length} characters long; MySQL takes ${longestSchema}`,
      `Take a name that is ${schema.length - longestSchema} characters shorter.`,
    )
}

function wrongName(what: string, next: string): ToolError {
  return new ToolError('SET_NAME', { what, next })
}
