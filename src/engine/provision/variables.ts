import type { Config, DatabaseConfig } from '../../config/config.ts'
import { writeServerUrl } from '../../config/write-server-url.ts'
import { type EnvironmentVariable, quoteForShell } from '../../domain/provision.ts'
import { databasesOf } from './name-set.ts'

/**
 * What makes programs use a set: WWDB_URL and WWDB_PREFIX for wwdb itself, WWDB_SET for `wwdb/testing`, and a URL with its schema for each database, named
 * like `USER_DB_URL`, for everything else.
 * @param project the project's own configuration
 * @param passwords false leaves them out of the URLs, for what is printed
 */
export function variablesOf(
  project: Config,
  { name: set, prefix }: { readonly name: string; readonly prefix: string },
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
