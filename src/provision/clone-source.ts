import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { EnvironmentSchema, NewEnvironment, ProvisionServers, Recipe } from './ports.ts'
import { dropEnvironment, type Removal } from './remove-environment.ts'
import { onEachServer } from './variables.ts'

/** The recipes that clones are created by, one for each server. */
export type Recipes = ReadonlyMap<EnvironmentSchema['server'], Recipe>

/**
 * Makes the schemas that test environments are cloned from or restored to, and writes down how: a template or a snapshot. It is registered before its first schema and called ready after
 * its last row, so that nobody takes a part for the whole; what fails half way is dropped again. The caller holds its name.
 * @param fill creates its schemas and their content
 */
export async function makeCloneSource(
  removal: Removal,
  source: Pick<NewEnvironment, 'name' | 'prefix' | 'owner' | 'schemas'>,
  fill: () => Promise<void>,
): Promise<Recipes> {
  const { registry, servers, config } = removal
  const { name, schemas } = source
  await refuseForeign(servers, config, schemas)
  const rest = { kind: 'template', scope: 'kept', template: null, stores: [], lifetime: null } as const
  await registry.register({ ...source, ...rest })
  try {
    await fill()
    const recipes = new Map<string, Recipe>()
    await onEachServer(servers, config, schemas, async (stage, own) => {
      const server = schemas.find(({ schema }) => schema === own[0])?.server ?? ''
      recipes.set(server, await stage.readRecipe(own))
    })
    await registry.finishTemplate(name, JSON.stringify([...recipes]))
    return recipes
  } catch (error) {
    const record = await registry.find(name).catch(() => null)
    if (record !== null) await dropEnvironment(removal, record).catch(() => undefined)
    throw error
  }
}

async function refuseForeign(
  servers: ProvisionServers,
  config: Config,
  schemas: readonly EnvironmentSchema[],
): Promise<void> {
  const found = (await onEachServer(servers, config, schemas, (stage, own) => stage.findExisting(own))).flat()
  if (found.length === 0) return
  throw new ToolError('SCHEMA_EXISTS', {
    what: `${found.map((schema) => `\`${schema}\``).join(', ')} should belong to a template or a snapshot, but is not in the registry.`,
    next: 'Drop it if it is not needed: both can be created again at any time.',
  })
}

/** Only this module writes them, for servers of one version of the tool: the checksum of a template has it. */
export function parseRecipes(text: string): Recipes {
  return new Map(JSON.parse(text) as readonly (readonly [string, Recipe])[])
}
