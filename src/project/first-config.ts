import { namePattern } from '../config/schema-parts.ts'
import type { SeenSchema } from '../migrations/ports.ts'
import { adoptTools } from '../schema/adopt/tools.ts'

/** A logical database of a new project. */
export interface FirstDatabase {
  readonly name: string
  /** Where it differs from the database's name. */
  readonly schema: string | null
  /** The existing tables. */
  readonly tables: readonly string[]
  /** Columns of the tables in which other tools keep their history. */
  readonly columns: ReadonlyMap<string, readonly string[]>
}

/** Where an editor finds the keys and their meanings, once the project depends on wwdb. */
const configSchema = './node_modules/wwdb/schemas/config.schema.json'

/** The text of a first configuration. The URL must not contain a password: the file is meant for version control. */
export function writeFirstConfig(url: string, databases: readonly FirstDatabase[]): string {
  const entries = databases.map(({ name, schema }) => [
    name,
    { ...(schema === null ? {} : { schema }), migrations: `migrations/${name}` },
  ])
  return `${JSON.stringify({ $schema: configSchema, url, databases: Object.fromEntries(entries) }, null, 2)}\n`
}

/**
 * A logical database for each schema. A name that the configuration does not accept is changed into one that it does.
 */
export function proposeDatabases(schemas: readonly SeenSchema[]): readonly FirstDatabase[] {
  const taken = new Set<string>()
  return schemas.map(({ name: schema, tables, columns }) => {
    const name = findName(schema, taken)
    taken.add(name)
    return { name, schema: name === schema ? null : schema, tables, columns }
  })
}

function findName(schema: string, taken: ReadonlySet<string>): string {
  const words = schema.replaceAll(/[^A-Za-z0-9_]+/g, '_')
  const plain = namePattern.test(words) ? words : `db_${words}`
  let name = plain
  for (let count = 2; taken.has(name); count += 1) name = `${plain}_${count}`
  return name
}

/** Tables in which the tools that `adopt` knows keep their history. */
export const historyTables: readonly string[] = [...new Set(adoptTools.map(({ history }) => history.table))]

/**
 * Rails keeps its versions in a table of the same name and shape as dbmate's, and has this table as well. Its migrations are programs.
 */
const tableOfRails = 'ar_internal_metadata'

/**
 * Several tools use a table of the same name: the tool is meant whose columns exist; of two, the one with more of them.
 */
function findTool(
  tables: readonly string[],
  columns: ReadonlyMap<string, readonly string[]>,
): (typeof adoptTools)[number] | null {
  const matching = adoptTools.filter(({ history }) => {
    const found = columns.get(history.table)
    if (found === undefined || (history.table === 'schema_migrations' && tables.includes(tableOfRails))) return false
    return history.columns.every((column) => found.includes(column))
  })
  return matching.toSorted((one, other) => other.history.columns.length - one.history.columns.length)[0] ?? null
}

/** What to do about existing tables: take over another tool's history, or begin with the current state. */
export function adviseDatabase({ name, tables, columns }: FirstDatabase): string | null {
  const own = tables.filter((table) => !table.startsWith('wwdb_'))
  if (own.length === 0 || own.length < tables.length) return null
  const tool = findTool(tables, columns)
  if (tool !== null) {
    const files = tool.kind === 'sql' ? ' --files FOLDER' : ''
    const where = tool.kind === 'sql' ? ', with the folder of its files' : ''
    return `\`${name}\` has the history of ${tool.name} (\`${tool.history.table}\`): take it over with \`wwdb adopt --from ${tool.name}${files} --target ${name}\`${where}.`
  }
  const count = own.length === 1 ? 'one table' : `${own.length} tables`
  return `\`${name}\` has ${count}: write ${own.length === 1 ? 'it' : 'them'} as its first migration with \`wwdb baseline 0001 --from-live --target ${name}\`.`
}
