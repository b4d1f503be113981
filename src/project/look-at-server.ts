import type { Context } from '../command/context.ts'
import type { Config, DatabaseConfig } from '../config/config.ts'
import { readTextFile } from '../config/document.ts'
import { redactFault, secretsOf } from '../config/redact.ts'
import { resolveConfig } from '../config/resolve.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { type SeenSchema, targetServers } from '../migrations/ports.ts'
import { historyTables } from './first-config.ts'

/** What the account of a URL sees on its server. */
export interface SeenServer {
  readonly url: string
  /** Host and port, for messages. */
  readonly label: string
  readonly schemas: readonly SeenSchema[]
}

/** Throws ToolError `CONFIG_INVALID` for a wrong URL, `UNREACHABLE` and `ACCESS_DENIED`. */
export async function listSchemas(context: Context, url: string): Promise<SeenServer> {
  const { database, timeouts } = readServerUrl(context, url)
  const administration = await (await context.port(targetServers)).administrate(database, timeouts)
  try {
    return { url, label: database.server.label, schemas: await administration.listSchemas(historyTables) }
  } finally {
    await administration.close()
  }
}

/** Throws ToolError `CONFIG_INVALID` for a wrong URL. The server is not queried. */
export function checkServerUrl(context: Context, url: string): void {
  readServerUrl(context, url)
}

/**
 * The schemas with these names; all schemas where no names are given. Throws ToolError `USAGE` where one does not
 * exist, or where there is none.
 */
export function chooseSchemas({ schemas, label }: SeenServer, names: readonly string[]): readonly SeenSchema[] {
  const chosen = names.length === 0 ? schemas : schemas.filter(({ name }) => names.includes(name))
  const missing = names.filter((name) => !schemas.some((schema) => schema.name === name))
  if (missing.length > 0 || chosen.length === 0) throw new ToolError('USAGE', absentFault(missing, schemas, label))
  return chosen
}

const password = /^([a-z]+:\/\/[^:@/]*):[^/?]*@/i

export function hasPassword(url: string): boolean {
  return password.test(url)
}

/** The URL for the file: the password belongs in a variable, and the schema in its database. */
export function withoutPassword(url: string): string {
  return url.replace(password, '$1@').replace(/^([a-z]+:\/\/[^/?]*)\/[^?]*/i, '$1')
}

interface ReadUrl {
  readonly database: DatabaseConfig
  readonly timeouts: Config['timeouts']
}

function readServerUrl({ process }: Context, url: string): ReadUrl {
  const { cwd, variables } = process
  const flags = { url: withSchema(url) }
  const request = { cwd, file: null, environmentName: null, flags, environment: variables, serversNeeded: true }
  const { config, faults } = resolveConfig(request, null, readTextFile)
  const [database] = config.databases
  if (faults.length > 0 || database === undefined)
    throw new ToolError(
      'CONFIG_INVALID',
      faults.map((fault) => redactFault(fault, secretsOf('url', url))),
    )
  return { database, timeouts: config.timeouts }
}

/** Without a configuration a URL must name a schema; the schema is not selected, so it need not exist. */
function withSchema(url: string): string {
  return /^[a-z]+:\/\/[^/?]*\/?(?=$|\?)/i.test(url) ? url.replace(/^([a-z]+:\/\/[^/?]*)\/?/i, '$1/app') : url
}

function absentFault(missing: readonly string[], seen: readonly SeenSchema[], server: string): Fault {
  const there = seen.map(({ name }) => `\`${name}\``).join(', ')
  const what =
    missing.length === 0
      ? `The account sees no schemas on ${server} except those of MySQL itself.`
      : `${server} has no schema ${missing.map((name) => `\`${name}\``).join(', ')}, or the account cannot see it.`
  const next =
    there === '' ? 'Run `wwdb init` with names of your own, then `wwdb db create`.' : `Choose from these: ${there}.`
  return { what, where: { server }, next }
}
