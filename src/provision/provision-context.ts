import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { exitCodes } from '../core/exit-code.ts'
import { type StoreKind, storeKinds } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { chooseStores, withStores } from '../stores/open-stores.ts'
import { setUpStores } from '../stores/set-up-stores.ts'
import { configOfEnvironment } from './create-environment.ts'
import { type ProvisionRegistry, type ProvisionServers, provisionServers } from './ports.ts'
import type { Removal, RemoveStores } from './remove-environment.ts'

/** The dependencies of the commands of `wwdb provision`. */
export interface Provision extends Removal {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
}

/**
 * Opens the registry for some work, and closes it even after a failure: held names are released then.
 * Throws ToolError `PROTECTED` where the environment is protected from tests.
 */
export async function withProvision<T>(context: Context, work: (provision: Provision) => Promise<T>): Promise<T> {
  const provision = await openProvision(context)
  try {
    return await work(provision)
  } finally {
    await provision.registry.close()
  }
}

/** The same for a caller that closes the registry itself. */
export async function openProvision(context: Context): Promise<Provision> {
  const config = await context.config()
  if (config.protected) throw isProtected(config.environment)
  const [home] = config.databases
  if (home === undefined) throw new Error('a configuration has at least one database')
  const servers = await context.port(provisionServers)
  const registry = await servers.openRegistry(home, config.timeouts)
  return { config, servers, registry, removeStores: removeFromStores(context, config) }
}

function isProtected(environment: string | null): ToolError {
  return new ToolError('PROTECTED', {
    what: `The environment ${environment ?? 'of this configuration'} is protected: test environments cannot be created or dropped there.`,
    next: 'Choose another environment with `--env`, or another server with `--url`.',
  })
}

/**
 * Creates in the stores the resources that are declared for them, under the prefix of the test environment's configuration. Throws
 * the faults of all that failed, and `STOPPED` where a stop was requested: a test environment without its stores is not ready.
 */
export async function fillStores(context: Context, config: Config, stores: readonly StoreKind[]): Promise<void> {
  if (stores.length === 0) return
  const inside: Context = { ...context, config: async () => config }
  const { outcomes, error } = await setUpStores({
    stores: await chooseStores(inside, stores),
    permission: { allow: [], confirm: async () => undefined },
    lockWait: config.timeouts.lock,
    emit: (event) => {
      if (event.type === 'warning') context.emit(event)
    },
    stop: context.stop,
  })
  const faults = outcomes.flatMap(({ fault }) => fault ?? [])
  if (error !== null) throw new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
  const stopped = outcomes.filter(({ state }) => state === 'stopped').map(({ store }) => store)
  if (stopped.length === 0) return
  throw new ToolError(
    'STOPPED',
    {
      what: `Stopped before ${stopped.join(' and ')} ${stopped.length === 1 ? 'was' : 'were'} complete.`,
      next: 'Run the command again.',
    },
    { exitCode: exitCodes.interrupted },
  )
}

/** Removes from stores all that carries a test environment's prefix. Throws where one cannot be reached: the test environment stays registered then. */
function removeFromStores(context: Context, project: Config): RemoveStores {
  return async ({ prefix, stores }) => {
    const known = storeKinds.filter((store) => stores.includes(store))
    if (known.length === 0) return
    const inside: Context = { ...context, config: async () => configOfEnvironment(project, prefix) }
    await withStores(await chooseStores(inside, known), async (opened) => {
      for (const one of opened) if (one.type === 'failed') throw one.error
      for (const one of opened) if (one.type === 'open') await one.session.clear()
    })
  }
}

/** Stores that the configuration does not name cannot hold anything of a test environment. Throws ToolError `UNKNOWN_STORE` (64). */
export function refuseUnknownStores(config: Config, stores: readonly StoreKind[]): void {
  const unknown = stores.filter((store) => !config.stores.some((one) => one.store === store))
  if (unknown.length === 0) return
  throw new ToolError('UNKNOWN_STORE', {
    what: `The configuration has no ${unknown.join(', ')}.`,
    next: 'Add it under `stores`, or omit it from `--with`.',
  })
}
