import { createHash } from 'node:crypto'
import { normalText } from '../entries.ts'
import { isObject, mergeSettings } from './compare-trees.ts'
import type {
  AliasDeclaration,
  ChineseAnalysis,
  ChineseAnalyzers,
  ComponentTemplate,
  Declaration,
  IndexDeclaration,
  IndexTemplate,
  JsonObject,
  LifecyclePolicy,
  PlainDeclaration,
  SnapshotsDeclaration,
  TemplateContent,
} from './declaration.ts'
import { sealOf } from './mark.ts'
import type { ObservedNode, ResourceKind } from './ports.ts'

/**
 * The creator of a resource, written into its `_meta`: it lets the tool recognize its own resources when no file declares
 * them any more.
 */
export function signature(prefix: string): JsonObject {
  return prefix === '' ? { managed_by: 'wwdb' } : { managed_by: 'wwdb', prefix }
}

/** A resource with the body that is put to the server for it. */
export interface Desired<Source, Body extends JsonObject = JsonObject> {
  readonly source: Source
  readonly name: string
  readonly body: Body
}

export interface DesiredTemplate extends Desired<IndexTemplate> {
  /** The template and its components merged, as a new index gets it. */
  readonly merged: TemplateContent
}

export interface DesiredState {
  readonly policies: readonly Desired<LifecyclePolicy>[]
  readonly components: readonly Desired<ComponentTemplate>[]
  readonly templates: readonly DesiredTemplate[]
  /** Without what the server makes of them, which is asked for. */
  readonly indices: readonly Desired<IndexDeclaration>[]
  readonly aliases: readonly AliasDeclaration[]
  readonly access: DesiredAccess
  readonly plain: PlainDeclaration
  readonly snapshots: SnapshotsDeclaration
}

/** Roles and users are missing here, because their bodies depend on existing ones: `plan-access.ts` writes them. */
export interface DesiredAccess extends Pick<Declaration, 'roles' | 'users' | 'mappings'> {
  readonly prefix: string
}

interface Surroundings {
  /** Stands before the declaration's names already. */
  readonly prefix: string
  /** Component templates that are made elsewhere. */
  readonly existing: ReadonlyMap<string, TemplateContent>
}

/** The bodies of everything that is declared, with the analysis that was chosen for each component. */
export function writeBodies(
  declaration: Declaration,
  chosen: ReadonlyMap<string, ChineseAnalysis>,
  { prefix, existing }: Surroundings,
): DesiredState {
  const describe: Describe = (kind, { name, description }, body) => ({
    ...signature(prefix),
    ...digestBody(body),
    ...sealOf(kind, name, body),
    ...(description === null ? {} : { description }),
  })
  const components = declaration.components.map((component) =>
    writeComponent(component, chosen.get(component.name), describe),
  )
  const contents = new Map([...existing, ...components.map(({ name, content }) => [name, content] as const)])
  return {
    policies: declaration.policies.map((policy) => {
      const body = { phases: policy.phases }
      return { source: policy, name: policy.name, body: { ...body, _meta: describe('lifecycle policy', policy, body) } }
    }),
    components: components.map(({ content: _, ...component }) => component),
    templates: declaration.templates.map((template) => writeTemplate(template, contents, describe)),
    indices: declaration.indices.map((index) => ({
      source: index,
      name: index.name,
      body: dropEmpty({ settings: mergeSettings([index.settings]), mappings: index.mappings }),
    })),
    aliases: declaration.aliases,
    access: { roles: declaration.roles, users: declaration.users, mappings: declaration.mappings, prefix },
    plain: declaration.plain,
    snapshots: declaration.snapshots,
  }
}

/** The `_meta` of a resource with that body. */
type Describe = (
  kind: ResourceKind,
  source: { readonly name: string; readonly description: string | null },
  body: JsonObject,
) => JsonObject

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
  const _meta = { ...describe('component template', component, { template }), ...noted }
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
    template: { ...dropEmpty(own), ...(template.lifecycle === null ? {} : { lifecycle: template.lifecycle }) },
  }
  return { source: template, name, merged, body: { ...body, _meta: describe('index template', template, body) } }
}

/** The server does not store empty settings or mappings. */
function dropEmpty({ settings, mappings }: TemplateContent): JsonObject {
  return {
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(Object.keys(mappings).length === 0 ? {} : { mappings }),
  }
}

function digestBody(body: JsonObject): JsonObject {
  return { spec_sha256: createHash('sha256').update(normalText(body)).digest('hex') }
}

/** Equal for equal contents, however they were written. */
export function digestContent({ settings, mappings }: TemplateContent): string {
  return createHash('sha256').update(normalText({ settings, mappings })).digest('hex')
}

/** A template's content as one body without components, for the server to check before these exist. */
export function simulationBody({ body, merged, source: { lifecycle } }: DesiredTemplate): JsonObject {
  const template = { ...dropEmpty(merged), ...(lifecycle === null ? {} : { lifecycle }) }
  return { ...body, composed_of: [], template }
}

/**
 * The mappings of several templates merged as the server does it: objects are merged, a field that is defined again is replaced with all its
 * parameters, dynamic templates are replaced by name, everything else is replaced.
 */
export function mergeMappings(parts: readonly JsonObject[]): JsonObject {
  return parts.reduce<JsonObject>(mergeLevel, {})
}

function mergeLevel(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) merged[key] = mergeValue(key, merged[key], value)
  return merged
}

function mergeValue(key: string, before: unknown, value: unknown): unknown {
  if (key === 'dynamic_templates') return mergeDynamicTemplates(before, value)
  if (!isObject(before) || !isObject(value)) return value
  return key === 'properties' ? mergeFields(before, value) : mergeLevel(before, value)
}

function mergeFields(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...under }
  for (const [name, field] of Object.entries(over)) {
    const before = merged[name]
    const joins = isObject(before) && isObject(field) && holdsFields(before) && holdsFields(field)
    merged[name] = joins ? mergeLevel(before, field) : field
  }
  return merged
}

/** True for an object, which contains other fields. */
function holdsFields({ type, properties }: JsonObject): boolean {
  return type === undefined ? isObject(properties) : type === 'object' || type === 'nested'
}

/** Each is an object with one key, its name; an existing one keeps its place. */
function mergeDynamicTemplates(before: unknown, value: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(value)) return value
  const named = (list: readonly unknown[]): readonly (readonly [string, unknown])[] =>
    list.map((one) => [isObject(one) ? (Object.keys(one)[0] ?? '') : '', one])
  return [...new Map([...named(before), ...named(value)]).values()]
}

/** The plugin or module that provides an analysis; null for one that every server has. */
const bringers: Readonly<Record<ChineseAnalysis, string | null>> = {
  ik: 'analysis-ik',
  smartcn: 'analysis-smartcn',
  cjk: 'analysis-common',
  standard: null,
}

interface Pair {
  readonly index: JsonObject
  readonly search: JsonObject
}

const pairOf = (one: JsonObject): Pair => ({ index: one, search: one })

/** cjk's own analyzer would also drop English stop words, and with them half of a log message. */
const definitions: Readonly<Record<ChineseAnalysis, Pair>> = {
  ik: { index: { type: 'ik_max_word' }, search: { type: 'ik_smart' } },
  smartcn: pairOf({ type: 'smartcn' }),
  cjk: pairOf({ type: 'custom', tokenizer: 'standard', filter: ['cjk_width', 'lowercase', 'cjk_bigram'] }),
  standard: pairOf({ type: 'custom', tokenizer: 'standard', filter: ['lowercase'] }),
}

export interface ChosenAnalysis {
  readonly analysis: ChineseAnalysis
  /** A preferred analysis that is missing on a node: `analysis-ik is missing on node-2`. */
  readonly passedOver: readonly string[]
}

/** The first preferred one that every node has; else the built-in tokenizer. */
export function chooseAnalysis(analyzers: ChineseAnalyzers, nodes: readonly ObservedNode[]): ChosenAnalysis {
  const passedOver: string[] = []
  for (const analysis of analyzers.preferred) {
    const bringer = bringers[analysis]
    const without = bringer === null ? [] : nodes.filter(({ parts }) => !parts.includes(bringer))
    if (without.length === 0) return { analysis, passedOver }
    passedOver.push(`${bringer} is missing on ${nameNodes(without, nodes)}`)
  }
  return { analysis: 'standard', passedOver }
}

function nameNodes(without: readonly ObservedNode[], all: readonly ObservedNode[]): string {
  if (without.length === all.length) return all.length === 1 ? 'the node' : 'every node'
  return without.map(({ name }) => name).join(', ')
}

/** The settings of both analyzers, as flat keys. */
export function definitionsOf(
  names: Pick<ChineseAnalyzers, 'index' | 'search'>,
  analysis: ChineseAnalysis,
): JsonObject {
  return mergeSettings([analyzerSettings(names, analysis)])
}

/** `analysis.analyzer` of the index settings, with both stable names. */
function analyzerSettings(
  analyzers: Pick<ChineseAnalyzers, 'index' | 'search'>,
  analysis: ChineseAnalysis,
): JsonObject {
  const { index, search } = definitions[analysis]
  return { analysis: { analyzer: { [analyzers.index]: index, [analyzers.search]: search } } }
}
