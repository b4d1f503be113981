import type { Config, DatabaseConfig, StoreConfig } from '../config/config.ts'
import { writeServerUrl } from '../config/server-url.ts'
import { writeStoreUrl } from '../config/store-url.ts'
import { databasesOf } from './name-set.ts'
import { type EnvironmentVariable, quoteForShell } from './provision.ts'

/** What of a set its variables tell. */
export interface SetFacts {
  readonly name: string
  readonly prefix: string
  /** The stores that it has resources in. */
  readonly stores?: readonly string[]
}

/**
 * What makes programs use a set: WWDB_URL and WWDB_PREFIX for wwdb itself, WWDB_SET for `wwdb/testing`, and a URL with its schema for each database, named
 * like `USER_DB_URL`, for everything else.
 * Of each store that the set has, WWDB_STORES_REDIS_URL for wwdb, and REDIS_URL and REDIS_PREFIX for everything else. Tokens are for whoever has them.
 * @param project the project's own configuration
 * @param passwords false leaves them out of the URLs, for what is printed
 */
export function variablesOf(
  project: Config,
  { name: set, prefix, stores = [] }: SetFacts,
  passwords: boolean,
): readonly EnvironmentVariable[] {
  const databases = databasesOf(project.databases, prefix)
  return [
    ...serverVariables(databases, passwords),
    { name: 'WWDB_PREFIX', value: prefix },
    { name: 'WWDB_SET', value: set },
    ...project.databases.flatMap(({ name, schema }) =>
      schema === `${project.prefix}${name}` ? [] : [{ name: `WWDB_${name.toUpperCase()}_SCHEMA`, value: name }],
    ),
    ...databases.map(({ name, schema, server }) => ({
      name: `${name.toUpperCase()}_URL`,
      value: writeServerUrl(server, schema, passwords),
    })),
    ...project.stores
      .filter(({ store }) => stores.includes(store))
      .flatMap((store) => storeVariables(store, prefix, passwords)),
  ]
}

function storeVariables(store: StoreConfig, prefix: string, passwords: boolean): readonly EnvironmentVariable[] {
  const name = store.store.toUpperCase()
  const value = writeStoreUrl(store, passwords)
  return [
    { name: `WWDB_STORES_${name}_URL`, value },
    { name: `${name}_URL`, value },
    { name: `${name}_PREFIX`, value: prefix },
  ]
}

/** One URL where all share a server. Without schemas: wwdb makes their names of prefix and database. */
function serverVariables(databases: readonly DatabaseConfig[], passwords: boolean): readonly EnvironmentVariable[] {
  const [first] = databases
  if (first === undefined) return []
  if (databases.every(({ server }) => server.label === first.server.label))
    return [{ name: 'WWDB_URL', value: writeServerUrl(first.server, null, passwords) }]
  return databases.map(({ name, server }) => ({
    name: `WWDB_${name.toUpperCase()}_URL`,
    value: writeServerUrl(server, null, passwords),
  }))
}

/** How an environment is written down: lines of a file, a JSON object, or lines for the file that $GITHUB_ENV names. */
export type EnvironmentForm = 'env' | 'json' | 'github'

/** The text of an environment. */
export function writeEnvironment(variables: readonly EnvironmentVariable[], form: EnvironmentForm): string {
  if (form === 'json')
    return `${JSON.stringify(Object.fromEntries(variables.map(({ name, value }) => [name, value])), null, 2)}\n`
  const quote = form === 'env' ? quoteForShell : (value: string) => value
  return variables.map(({ name, value }) => `${name}=${quote(value)}\n`).join('')
}
