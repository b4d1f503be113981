import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionRegistry, ProvisionServers } from './ports.ts'
import type { Removal } from './remove-set.ts'
import { removeFromStores } from './set-stores.ts'

/** What the commands of `wwdb provision` work with. */
export interface Provision extends Removal {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
}

/**
 * Opens the registry for some work, and closes it whatever happens: names that were held are free then.
 * Throws ToolError `PROTECTED` where the environment is one that tests have no business in.
 */
export async function withProvision<T>(context: Context, work: (provision: Provision) => Promise<T>): Promise<T> {
  const provision = await openProvision(context)
  try {
    return await work(provision)
  } finally {
    await provision.registry.close()
  }
}

/** The same for whoever closes the registry himself. */
export async function openProvision(context: Context): Promise<Provision> {
  const config = await context.config()
  if (config.protected) throw isProtected(config.environment)
  const [home] = config.databases
  if (home === undefined) throw new Error('a configuration has at least one database')
  const servers = await context.mysql.provisionServers()
  const registry = await servers.openRegistry(home, config.timeouts)
  return { config, servers, registry, removeStores: removeFromStores(context, config) }
}

function isProtected(environment: string | null): ToolError {
  return new ToolError('PROTECTED', {
    what: `The environment ${environment ?? 'of this configuration'} is protected: no sets of databases are made or dropped there`,
    next: 'Name another environment with --env, or another server with --url.',
  })
}
