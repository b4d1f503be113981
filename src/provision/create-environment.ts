import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { EnvironmentRecord, ProvisionRegistry, ProvisionServers } from './ports.ts'
import type { EnvironmentScope } from './provision.ts'
import { dropEnvironment, isBusy, type RemoveStores } from './remove-environment.ts'
import { databasesOf, onEachServer, prefixOf, schemasOf } from './variables.ts'

/** The sources of a test environment. */
export interface EnvironmentBase {
  /** The template whose name is held; null for none. */
  readonly template: string | null
  /** Creates the test environment's schemas and their content. */
  readonly fill: (config: Config) => Promise<void>
}

/** A requested test environment. */
export interface EnvironmentRequest {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
  readonly name: string
  readonly owner: string
  readonly scope: EnvironmentScope
  /** Milliseconds from now; null for no end. */
  readonly lifetime: number | null
  readonly stores: readonly string[]
  readonly removeStores: RemoveStores
  /** Finds the sources, and holds them until the test environment is registered. */
  readonly prepare: () => Promise<EnvironmentBase>
}

/** The configuration of a test environment: the project's, with the test environment's own schemas. */
export function configOfEnvironment(config: Config, prefix: string): Config {
  const stores = config.stores.map((store) => ({ ...store, prefix }))
  return { ...config, prefix, stores, databases: databasesOf(config.databases, prefix) }
}

/**
 * Registers a test environment, makes it, and calls it ready. Its name stays held until the registry is closed or releases it. What a
 * killed run left under the same name is cleared away first; what fails half way is dropped again.
 * Throws ToolError `TEST_ENVIRONMENT_EXISTS`, `SCHEMA_EXISTS`, `TEST_ENVIRONMENT_BUSY` (75), and errors of filling it.
 */
export async function createEnvironment(request: EnvironmentRequest): Promise<Config> {
  const { registry, name } = request
  if (!(await registry.hold(name, 0))) throw isBusy(name)
  try {
    await clearWay(request)
    const config = configOfEnvironment(request.config, prefixOf(name))
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

/** From here on the registered test environment is what keeps its template in use. */
async function register(request: EnvironmentRequest, config: Config, { template }: EnvironmentBase): Promise<void> {
  const { registry, name, owner, scope, stores, lifetime } = request
  const schemas = schemasOf(config.databases)
  try {
    await registry.register({
      name,
      kind: 'environment',
      prefix: config.prefix,
      owner,
      scope,
      template,
      stores,
      schemas,
      lifetime,
    })
  } finally {
    if (template !== null) await registry.release(template)
  }
}

async function fillOrDrop(request: EnvironmentRequest, config: Config, base: EnvironmentBase): Promise<void> {
  const { registry, name } = request
  try {
    await base.fill(config)
    await registry.setState(name, 'ready')
  } catch (error) {
    // What cannot be dropped now stays registered for gc; the error that the user needs is the one that led here.
    const record = await registry.find(name).catch(() => null)
    if (record !== null) await dropEnvironment(request, record).catch(() => undefined)
    throw error
  }
}

/** Only this run holds the name: a test environment that is not ready was left by a killed run. */
async function clearWay(request: EnvironmentRequest): Promise<void> {
  const earlier = await request.registry.find(request.name)
  if (earlier === null) return
  if (earlier.state === 'ready' && earlier.scope === 'kept') throw isThere(earlier)
  await dropEnvironment(request, earlier)
}

/** A schema of no test environment must never be dropped with one. */
async function refuseExisting({ servers }: EnvironmentRequest, config: Config): Promise<void> {
  const schemas = schemasOf(config.databases)
  const found = (await onEachServer(servers, config, schemas, (stage, own) => stage.findExisting(own))).flat()
  if (found.length === 0) return
  throw new ToolError('SCHEMA_EXISTS', {
    what: `${found.map((schema) => `\`${schema}\``).join(', ')} already ${found.length === 1 ? 'exists' : 'exist'}.`,
    why: 'It does not belong to a test environment, and dropping a test environment drops all its schemas.',
    next: 'Choose another name, or drop it yourself if it is not needed.',
  })
}

function isThere({ name, owner, createdAt }: EnvironmentRecord): ToolError {
  return new ToolError('TEST_ENVIRONMENT_EXISTS', {
    what: `A test environment \`${name}\` already exists, created by ${owner} at ${new Date(createdAt).toISOString()}.`,
    next: `Drop it with \`wwdb provision down --name ${name}\`, or choose another name.`,
  })
}
