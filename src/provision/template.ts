import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { ToolError } from '../core/tool-error.ts'
import { makeCloneSource, parseRecipes, type Recipes } from './clone-source.ts'
import { configOfEnvironment, type EnvironmentBase } from './create-environment.ts'
import type { EnvironmentRecord } from './ports.ts'
import { dropEnvironment, isBusy, type Removal } from './remove-environment.ts'
import { onEachServer, schemasOf } from './variables.ts'

/** A request for a template. */
export interface TemplateRequest extends Removal {
  /** SHA-256 (hex) of all definitions that it is made from. */
  readonly checksum: string
  readonly owner: string
  readonly emit: Emit
  readonly stop: StopRequest
  /** Creates its schemas and their content. */
  readonly fill: (config: Config) => Promise<void>
}

export interface Template {
  readonly name: string
  readonly prefix: string
  readonly recipes: Recipes
}

/** Characters of the checksum in names: enough to distinguish a project's templates. */
const shortChecksum = 12

export function nameTemplate(checksum: string): { readonly name: string; readonly prefix: string } {
  const short = checksum.slice(0, shortChecksum)
  return { name: `template/${short}`, prefix: `wwdb_template_${short}_` }
}

/**
 * The template of these definitions, created first if no complete one exists. Its name is held when this returns: no run drops it
 * before the caller has registered a test environment that uses it, and released it. Of several concurrent requests, one creates it.
 * Throws ToolError `TEST_ENVIRONMENT_BUSY` (75), `STOPPED`, and errors of filling it.
 */
async function ensureTemplate(request: TemplateRequest): Promise<Template> {
  const { registry } = request
  const { name, prefix } = nameTemplate(request.checksum)
  await holdUntilTimeout(request, name)
  try {
    const record = await registry.find(name)
    if (record !== null && (await isWhole(request, record))) {
      const text = await registry.readRecipe(name)
      if (text !== null) {
        await registry.setState(name, 'ready')
        return { name, prefix, recipes: parseRecipes(text) }
      }
    }
    if (record !== null) await dropEnvironment(request, record)
    return { name, prefix, recipes: await makeTemplate(request, name, prefix) }
  } catch (error) {
    await registry.release(name).catch(() => undefined)
    throw error
  }
}

/** Waits in slices, so that Ctrl-C is heard, for as long as a run waits for another's lock. */
async function holdUntilTimeout({ registry, config, emit, stop }: TemplateRequest, name: string): Promise<void> {
  if (await registry.hold(name, 0)) return
  emit({ type: 'progress', message: 'Another run is using the template; waiting for it.' })
  for (const end = performance.now() + config.timeouts.lock; performance.now() < end; ) {
    if (stop.requested) throw new ToolError('STOPPED', { what: 'Stopped while waiting for the template.' })
    if (await registry.hold(name, 1000)) return
  }
  throw isBusy(name)
}

/** True if it is ready, and has all its schemas. */
async function isWhole({ servers, config }: TemplateRequest, record: EnvironmentRecord): Promise<boolean> {
  if (record.state !== 'ready') return false
  const found = await onEachServer(servers, config, record.schemas, (stage, own) => stage.findExisting(own))
  return found.flat().length === record.schemas.length
}

async function makeTemplate(request: TemplateRequest, name: string, prefix: string): Promise<Recipes> {
  const { owner, emit } = request
  const config = configOfEnvironment(request.config, prefix)
  const message = 'Creating the template that test environments are cloned from; it is kept until definitions change.'
  return makeCloneSource(request, { name, prefix, owner, schemas: schemasOf(config.databases) }, () => {
    emit({ type: 'progress', message })
    return request.fill(config)
  })
}

/**
 * Creating the empty tables of a clone waits only for the disk, which takes more of them at a time than rotation is given. Measured: 0.39 of a fresh test environment, 0.41 with
 * four.
 */
const fewest = 6

/** A test environment that is cloned from the template of its definitions; the template is created first where none exists. */
export async function cloneBase(request: TemplateRequest): Promise<EnvironmentBase & { readonly source: Template }> {
  const source = await ensureTemplate(request)
  return { source, template: source.name, fill: (config) => cloneTemplate(request, source, config) }
}

async function cloneTemplate({ servers, stop }: TemplateRequest, source: Template, config: Config): Promise<void> {
  const connections = Math.max(fewest, config.rotation.connections)
  const schemas = schemasOf(config.databases)
  await onEachServer(servers, config, schemas, async (stage, own) => {
    const recipe = source.recipes.get(schemas.find(({ schema }) => schema === own[0])?.server ?? '')
    if (recipe === undefined) throw new Error('a template has a recipe for each of its servers')
    await stage.clone({ recipe, from: source.prefix, to: config.prefix, connections, stop })
  })
}
