import { createHash } from 'node:crypto'
import { analyzerSettings } from './choose-analysis.ts'
import type {
  ChineseAnalysis,
  ComponentTemplate,
  ElasticsearchDeclaration,
  IndexTemplate,
  JsonObject,
  LifecyclePolicy,
  TemplateContent,
} from './declaration.ts'
import { mergeMappings } from './merge-mappings.ts'
import { mergeSettings, normalText } from './normal-form.ts'

/** Who made a resource, written into its `_meta`: by it the tool knows its own again when no file declares it any more. */
function signature(prefix: string): JsonObject {
  return prefix === '' ? { managed_by: 'wwdb' } : { managed_by: 'wwdb', prefix }
}

/** A resource with the body that is put to the server for it. */
export interface Desired<Source, Body extends JsonObject = JsonObject> {
  readonly source: Source
  readonly name: string
  readonly body: Body
}

export interface DesiredTemplate extends Desired<IndexTemplate> {
  /** Its components and itself in one, as a new index gets it. */
  readonly merged: TemplateContent
}

export interface DesiredState {
  readonly policies: readonly Desired<LifecyclePolicy>[]
  readonly components: readonly Desired<ComponentTemplate>[]
  readonly templates: readonly DesiredTemplate[]
}

/**
 * The bodies of everything that is declared, with the analysis that was chosen for each component.
 * @param prefix stands before the declaration's names already
 */
export function writeBodies(
  declaration: ElasticsearchDeclaration,
  chosen: ReadonlyMap<string, ChineseAnalysis>,
  prefix: string,
): DesiredState {
  const describe = (description: string | null, body: JsonObject): JsonObject => ({
    ...signature(prefix),
    ...digestBody(body),
    ...(description === null ? {} : { description }),
  })
  const components = declaration.components.map((component) =>
    writeComponent(component, chosen.get(component.name), describe),
  )
  const contents = new Map(components.map(({ name, content }) => [name, content]))
  return {
    policies: declaration.policies.map((policy) => {
      const body = { phases: policy.phases }
      return { source: policy, name: policy.name, body: { ...body, _meta: describe(policy.description, body) } }
    }),
    components: components.map(({ content: _, ...component }) => component),
    templates: declaration.templates.map((template) => writeTemplate(template, contents, describe)),
  }
}

/** The `_meta` of a resource with that body. */
type Describe = (description: string | null, body: JsonObject) => JsonObject

function writeComponent(
  component: ComponentTemplate,
  analysis: ChineseAnalysis | undefined,
  describe: Describe,
): Desired<ComponentTemplate> & { readonly content: TemplateContent } {
  const { name, chinese } = component
  const parts =
    chinese === null || analysis === undefined
      ? [component.settings]
      : [component.settings, analyzerSettings(chinese, analysis)]
  const content = { settings: mergeSettings(parts), mappings: component.mappings }
  const template = dropEmpty(content)
  const noted = analysis === undefined ? {} : { chinese_analysis: analysis }
  const _meta = { ...describe(component.description, { template }), ...noted }
  return { source: component, name, content, body: { template, _meta } }
}

function writeTemplate(
  template: IndexTemplate,
  components: ReadonlyMap<string, TemplateContent>,
  describe: Describe,
): DesiredTemplate {
  const { name, series } = template
  const alias = series.type === 'alias' ? { 'index.lifecycle.rollover_alias': series.name } : {}
  const lifecycle = template.policy === null ? {} : { 'index.lifecycle.name': template.policy, ...alias }
  const own = { settings: mergeSettings([template.settings, lifecycle]), mappings: template.mappings }
  const parts = [...template.components.flatMap((component) => components.get(component) ?? []), own]
  const merged = {
    settings: mergeSettings(parts.map(({ settings }) => settings)),
    mappings: mergeMappings(parts.map(({ mappings }) => mappings)),
  }
  const body = {
    index_patterns: template.patterns,
    priority: template.priority,
    composed_of: template.components,
    ...(series.type === 'streams' ? { data_stream: {} } : {}),
    template: dropEmpty(own),
  }
  return { source: template, name, merged, body: { ...body, _meta: describe(template.description, body) } }
}

/** The server keeps no empty settings or mappings. */
function dropEmpty({ settings, mappings }: TemplateContent): JsonObject {
  return {
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(Object.keys(mappings).length === 0 ? {} : { mappings }),
  }
}

function digestBody(body: JsonObject): JsonObject {
  return { spec_sha256: createHash('sha256').update(normalText(body)).digest('hex') }
}

/** A template's content as one body without components, for the server to look at before they are there. */
export function simulationBody({ body, merged }: DesiredTemplate): JsonObject {
  return { ...body, composed_of: [], template: dropEmpty(merged) }
}
