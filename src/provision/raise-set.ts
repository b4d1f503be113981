import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionRegistry, ProvisionServers, SetRecord } from './ports.ts'
import type { SetLease } from './provision.ts'
import { dropSet, isBusy, type RemoveStores } from './remove-set.ts'
import { databasesOf, onEachServer, prefixOf, schemasOf } from './variables.ts'

/** What a set is made from. */
export interface SetBase {
  /** The template whose name is held; null for none. */
  readonly template: string | null
  /** Makes the set's schemas and what is in them. */
  readonly fill: (config: Config) => Promise<void>
}

/** A set that is asked for. */
export interface RaiseRequest {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
  readonly name: string
  readonly owner: string
  readonly lease: SetLease
  /** Milliseconds from now; null for no end. */
  readonly lifetime: number | null
  readonly stores: readonly string[]
  readonly removeStores: RemoveStores
  /** Finds what it is made from, and holds it until the set is registered. */
  readonly prepare: () => Promise<SetBase>
}

/** The configuration of a set: the project's, with the set's own schemas. */
export function configOf(config: Config, prefix: string): Config {
  const stores = config.stores.map((store) => ({ ...store, prefix }))
  return { ...config, prefix, stores, databases: databasesOf(config.databases, prefix) }
}

/**
 * Registers a set, makes it, and calls it ready. Its name stays held until the registry is closed or releases it. What a
 * killed run left under the same name is cleared away first; what fails half way is dropped again.
 * Throws ToolError `SET_EXISTS`, `SCHEMA_EXISTS`, `SET_BUSY` (75), and whatever filling it throws.
 */
export async function raiseSet(request: RaiseRequest): Promise<Config> {
  const { registry, name } = request
  if (!(await registry.hold(name, 0))) throw isBusy(name)
  try {
    await clearWay(request)
    const config = configOf(request.config, prefixOf(name))
    await refuseExisting(request, config)
    const base = await request.prepare()
    await register(request, config, base)
    await fillOrDrop(request, config, base)
    return config
  } catch (error) {
    await registry.release(name).catch(() => undefined)
    throw error
  }
}

/** From here on the registered set is what keeps its template in use. */
async function register(request: RaiseRequest, config: Config, { template }: SetBase): Promise<void> {
  const { registry, name, owner, lease, stores, lifetime } = request
  const schemas = schemasOf(config.databases)
  try {
    await registry.register({
      name,
      kind: 'set',
      prefix: config.prefix,
      owner,
      lease,
      template,
      stores,
      schemas,
      lifetime,
    })
  } finally {
    if (template !== null) await registry.release(template)
  }
}

async function fillOrDrop(request: RaiseRequest, config: Config, base: SetBase): Promise<void> {
  const { registry, name } = request
  try {
    await base.fill(config)
    await registry.setState(name, 'ready')
  } catch (error) {
    // What cannot be dropped now stays registered, for gc; why it was to be dropped is what the person must hear.
    const record = await registry.find(name).catch(() => null)
    if (record !== null) await dropSet(request, record).catch(() => undefined)
    throw error
  }
}

/** Nobody holds the name but us: a set that is not ready was left by a run that died. */
async function clearWay(request: RaiseRequest): Promise<void> {
  const earlier = await request.registry.find(request.name)
  if (earlier === null) return
  if (earlier.state === 'ready' && earlier.lease === 'kept') throw isThere(earlier)
  await dropSet(request, earlier)
}

/** A schema that no set has must never come to be dropped with one. */
async function refuseExisting({ servers }: RaiseRequest, config: Config): Promise<void> {
  const schemas = schemasOf(config.databases)
  const found = (await onEachServer(servers, config, schemas, (stage, own) => stage.findExisting(own))).flat()
  if (found.length === 0) return
  throw new ToolError('SCHEMA_EXISTS', {
    what: `${found.map((schema) => `'${schema}'`).join(', ')} ${found.length === 1 ? 'is' : 'are'} there already`,
    why: 'no set has it: somebody else made it, and a set is dropped with all its schemas',
    next: 'Take another name, or drop it yourself if nobody needs it.',
  })
}

function isThere({ name, owner, createdAt }: SetRecord): ToolError {
  return new ToolError('SET_EXISTS', {
    what: `There is a set "${name}" already, made by ${owner} at ${new Date(createdAt).toISOString()}`,
    next: `End it with \`wwdb provision down ${name}\`, or take another name.`,
  })
}
