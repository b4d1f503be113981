import type { Config } from '../config/config.ts'
import { schemasOf } from './name-set.ts'
import type { SetBase } from './raise-set.ts'
import { onEachServer } from './stages.ts'
import { ensureTemplate, type Template, type TemplateRequest } from './template.ts'

/** Tables of a clone are empty and wait for the disk alone, which takes more of them at a time than rotation is given. Measured: 0.39 of a fresh set, 0.41 with four. */
const fewest = 6

/** A set that is cloned from the template of its definitions, which is made first where there is none. */
export async function cloneBase(request: TemplateRequest): Promise<SetBase & { readonly source: Template }> {
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
