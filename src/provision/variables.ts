import { randomInt } from 'node:crypto'
import type { Config, DatabaseConfig, StoreConfig } from '../config/config.ts'
import { writeServerUrl } from '../config/server-url.ts'
import { writeStoreUrl } from '../config/store-url.ts'
import { ToolError } from '../core/tool-error.ts'
import type { EnvironmentSchema, ProvisionServers, SchemaStage } from './ports.ts'
import { type EnvironmentVariable, quoteForShell } from './provision.ts'

/** The parts of a test environment that its variables hold. */
export interface EnvironmentFacts {
  readonly name: string
  readonly prefix: string
  /** The stores that it has resources in. */
  readonly stores?: readonly string[]
}

/**
 * The variables that make programs use a test environment: WWDB_URL and WWDB_PREFIX for wwdb itself, WWDB_SET for `wwdb/testing`, and a URL with its schema for each database, named
 * like `USER_DB_URL`, for everything else.
 * Of each store that the test environment has, WWDB_STORES_REDIS_URL for wwdb, and REDIS_URL and REDIS_PREFIX for everything else. Tokens are not included.
 * @param project the project's own configuration
 * @param passwords false leaves them out of the URLs, for what is printed
 */
export function variablesOf(
  project: Config,
  { name: environment, prefix, stores = [] }: EnvironmentFacts,
  passwords: boolean,
): readonly EnvironmentVariable[] {
  const databases = databasesOf(project.databases, prefix)
  return [
    ...serverVariables(databases, passwords),
    { name: 'WWDB_PREFIX', value: prefix },
    { name: 'WWDB_SET', value: environment },
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

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** A name that no run has asked for, and none will: `t`, and five times a letter and a digit, as no date and no word is written. */
export function makeUpName(): string {
  const pairs = Array.from({ length: 5 }, () => `${letters[randomInt(letters.length)]}${randomInt(10)}`)
  return `t${pairs.join('')}`
}

/** Whether a run made the name up, or a pool numbered one that it had made up. */
export function isMadeUp(name: string): boolean {
  return /^t(?:[a-z]\d){5}(?:_\d+)?$/.test(name)
}

/** The name of one test environment of a pool. */
export function nameInPool(pool: string, worker: number): string {
  return `${pool}_${worker}`
}

/** Whether it is the name of one of the pool, with any number. */
export function isInPool(name: string, pool: string): boolean {
  return name.startsWith(`${pool}_`) && /^[1-9]\d*$/.test(name.slice(pool.length + 1))
}

/** One URL where all share a server. Without schemas: wwdb makes their names of prefix and database. */
export function serverVariables(
  databases: readonly DatabaseConfig[],
  passwords: boolean,
): readonly EnvironmentVariable[] {
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

/** MySQL's limit for a schema's name, in characters (reference manual, "Identifier Length Limits"). */
export const longestSchema = 64
const longestName = 32

/** The prefix of every schema of wwdb. */
const ours = 'wwdb_'

/** The prefix of a test environment's schemas. */
export function prefixOf(name: string): string {
  return `${ours}${name}_`
}

/** The databases of the test environment: the same servers and files, with schemas of its own. */
export function databasesOf(databases: readonly DatabaseConfig[], prefix: string): readonly DatabaseConfig[] {
  return databases.map((database) => ({ ...database, schema: `${prefix}${database.name}` }))
}

/** The schemas as the registry on the first database's server holds them. */
export function schemasOf(databases: readonly DatabaseConfig[]): readonly EnvironmentSchema[] {
  const home = databases[0]?.server.label
  return databases.map(({ name, schema, server }) => ({
    database: name,
    schema,
    server: server.label === home ? '' : server.label,
  }))
}

/**
 * Refuses an invalid name, or one that makes the name of a schema too long. Lower case only: on some servers `A` and `a` are one
 * schema, on others two.
 * @throws ToolError `TEST_ENVIRONMENT_NAME` (64).
 */
export function checkEnvironmentName(name: string, databases: readonly Pick<DatabaseConfig, 'name'>[]): void {
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.length > longestName)
    throw wrongName(
      `${JSON.stringify(name.slice(0, 80))} is not a valid name of a test environment`,
      `Use 1 to ${longestName} characters of a-z, 0-9 and _, starting with a letter.`,
    )
  const longest =
    databases.map((database) => database.name).toSorted((one, other) => other.length - one.length)[0] ?? ''
  const schema = `${prefixOf(name)}${longest}`
  if (schema.length > longestSchema)
    throw wrongName(
      `The test environment \`${name}\` would have a schema \`${schema}\`, ${schema.length} characters long; MySQL allows ${longestSchema}`,
      `Use a name that is ${schema.length - longestSchema} characters shorter.`,
    )
}

function wrongName(what: string, next: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_NAME', { what, next })
}

/** Does something with the schemas of each server, one server after another. */
export async function onEachServer<T>(
  servers: ProvisionServers,
  config: Pick<Config, 'databases' | 'timeouts'>,
  schemas: readonly EnvironmentSchema[],
  work: (stage: SchemaStage, schemas: readonly string[]) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = []
  for (const server of new Set(schemas.map((one) => one.server))) {
    const stage = await servers.openStage(databaseOn(config.databases, server), config.timeouts)
    const own = schemas.filter((one) => one.server === server).map(({ schema }) => schema)
    try {
      results.push(await work(stage, own))
    } finally {
      await stage.close()
    }
  }
  return results
}

/** A database by which the server is reached; the registry's own is that of the first one. */
export function databaseOn(databases: readonly DatabaseConfig[], server: string): DatabaseConfig {
  const found = server === '' ? databases[0] : databases.find((database) => database.server.label === server)
  if (found !== undefined) return found
  throw new ToolError('SERVER_UNKNOWN', {
    what: `The test environment has schemas at ${server}, which is not in any URL of this configuration.`,
    next: 'Run the command with the configuration that created the test environment.',
  })
}
