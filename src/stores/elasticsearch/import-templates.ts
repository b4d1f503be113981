import { normalText } from '../entries.ts'
import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import { chooseAnalysis, definitionsOf } from './bodies.ts'
import { childOf, mergeSettings } from './compare-trees.ts'
import { chineseAnalyses, type JsonObject } from './declaration.ts'
import type { Named, ServerContents } from './import-ports.ts'
import { type FoundSeries, findSeries } from './import-series.ts'
import { namedByOthers } from './mark.ts'
import { shortPhases } from './policies.ts'
import type { ObservedNode } from './ports.ts'

type Imported = Omit<StoreContents, 'version'>

export function importPolicies(policies: readonly Named[]): Imported {
  return divide(
    policies.map(({ name, body }) => ({
      ...toItem({ kind: 'lifecycle policy', name }, 'policies', ['policies', name], {
        ...descriptionOf(body),
        phases: shortPhases(childOf(body, 'phases')),
      }),
      undeclarable: namedByOthers(childOf(body, '_meta')),
    })),
  )
}

export function importComponents(components: readonly Named[], nodes: readonly ObservedNode[]): Imported {
  return divide(
    components.map(({ name, body }) => {
      const resource = { kind: 'component template', name }
      const why = obstacle(body, ['template', '_meta', 'version'])
      if (why !== null) return { resource, why }
      const { chinese, settings } = findChinese(body, nodes)
      const item = toItem(resource, 'templates', ['component_templates', name], {
        ...descriptionOf(body),
        ...(chinese === null ? {} : { chinese_analysis: chinese }),
        ...contentOf(settings, body),
      })
      return { ...item, undeclarable: namedByOthers(childOf(body, '_meta')) }
    }),
  )
}

/** Templates with their data streams, or with the alias whose indices they make. */
export function importTemplates(found: ServerContents): Imported {
  const series = findSeries(found)
  const { items, notDeclarable } = divide(found.templates.map((template) => importTemplate(template, series, found)))
  const own = found.streams.filter(({ hasLifecycle, template }) => {
    const maker = found.templates.find(({ name }) => name === template)
    return hasLifecycle && maker !== undefined && Object.keys(lifecycleOf(maker.body)).length === 0
  })
  return {
    items,
    notDeclarable: [
      ...notDeclarable,
      ...own.map(({ name }) => ({
        resource: { kind: 'data stream', name },
        why: 'It has a lifecycle that its template does not have.',
      })),
    ],
  }
}

const templateKeys = ['template', '_meta', 'version', 'index_patterns', 'composed_of', 'priority', 'data_stream']

function importTemplate(
  { name, body }: Named,
  series: ReadonlyMap<string, FoundSeries>,
  { policies, components: known }: ServerContents,
): ImportedItem | NotDeclarable {
  const resource = { kind: 'index template', name }
  const why = obstacle(body, templateKeys)
  if (why !== null) return { resource, why }
  const made = series.get(name) ?? { type: 'none', names: [], indices: [] }
  const { policy, settings } = splitLifecycle(childOf(childOf(body, 'template'), 'settings'))
  const patterns = body['index_patterns']
  const usual = made.type === 'streams' ? made.names : made.names.map((alias) => `${alias}-*`)
  const components = body['composed_of']
  const item = toItem(resource, 'templates', ['index_templates', name], {
    ...descriptionOf(body),
    ...(normalText(patterns) === normalText(usual) ? {} : { index_patterns: patterns }),
    priority: body['priority'] ?? 0,
    ...(Array.isArray(components) && components.length > 0
      ? { composed_of: components.map((one) => referTo(String(one), known)) }
      : {}),
    ...(policy === null ? {} : { policy }),
    ...(made.type === 'streams' ? { data_streams: made.names } : {}),
    ...lifecycleOf(body),
    ...(made.type === 'alias'
      ? {
          write_alias: toAlias(
            made.names[0] ?? '',
            policies.find((one) => one.name === policy),
          ),
        }
      : {}),
    ...contentOf(settings, body),
  })
  const kinds = made.type === 'streams' ? ['data stream', 'write index'] : ['write alias', 'write index']
  const covers = made.names.flatMap((one) => kinds.map((kind) => ({ kind, name: one })))
  return { ...item, covers, undeclarable: namedByOthers(childOf(body, '_meta')) }
}

/** On where nothing is said. */
function lifecycleOf(body: JsonObject): JsonObject {
  const { enabled, ...lifecycle } = childOf(childOf(body, 'template'), 'lifecycle')
  if (enabled === undefined) return {}
  return { lifecycle: enabled === false ? { enabled, ...lifecycle } : lifecycle }
}

/** Those that come with Elasticsearch are not imported. */
function referTo(component: string, known: readonly Named[]): string | { readonly existing: string } {
  return known.some(({ name }) => name === component) ? component : { existing: component }
}

/** Whether documents are written again under their id is not known: without a rollover they probably are, and wwdb then asks before it makes a second index. */
function toAlias(name: string, policy: Named | undefined): JsonObject {
  const rollsOver = childOf(childOf(childOf(policy?.body, 'phases'), 'hot'), 'actions')['rollover'] !== undefined
  return { name, ...(rollsOver ? {} : { documents: 'updated' }) }
}

/** The lifecycle has a key of its own in a declaration. */
function splitLifecycle(settings: JsonObject): { readonly policy: string | null; readonly settings: JsonObject } {
  const { 'index.lifecycle.name': policy, 'index.lifecycle.rollover_alias': _, ...rest } = mergeSettings([settings])
  return { policy: typeof policy === 'string' ? policy : null, settings: rest }
}

/** What a template has that no file can declare; null where that is nothing. */
function obstacle(body: JsonObject, known: readonly string[]): string | null {
  const template = childOf(body, 'template')
  const stream = childOf(body, 'data_stream')
  const makesStreams = body['data_stream'] !== undefined
  const others = [
    ...Object.keys(body).filter((key) => !known.includes(key)),
    ...Object.keys(template)
      .filter((key) => key !== 'settings' && key !== 'mappings' && !(key === 'lifecycle' && makesStreams))
      .map((key) => `template.${key}`),
    ...Object.entries(stream).flatMap(([key, value]) => (value === false ? [] : [`data_stream.${key}`])),
  ]
  return others.length === 0
    ? null
    : `It has ${others.map((key) => `\`${key}\``).join(', ')}, which no file can declare.`
}

function contentOf(settings: JsonObject, body: JsonObject): JsonObject {
  const mappings = childOf(childOf(body, 'template'), 'mappings')
  const short = Object.entries(settings).map(([key, value]) => [key.replace(/^index\./, ''), value] as const)
  return {
    ...(short.length === 0 ? {} : { settings: Object.fromEntries(short) }),
    ...(Object.keys(mappings).length === 0 ? {} : { mappings }),
  }
}

function descriptionOf(body: JsonObject): JsonObject {
  const { description } = childOf(body, '_meta')
  return typeof description === 'string' ? { description } : {}
}

const names = { index: 'zh_index', search: 'zh_search' } as const

/** The two analyzers of Chinese text that wwdb makes of what the nodes have, under their usual names; else they are settings like any other. */
function findChinese(
  body: JsonObject,
  nodes: readonly ObservedNode[],
): { readonly chinese: JsonObject | null; readonly settings: JsonObject } {
  const settings = mergeSettings([childOf(childOf(body, 'template'), 'settings')])
  const noted = childOf(body, '_meta')['chinese_analysis']
  const analysis = chineseAnalyses.find((one) => one === noted)
  if (analysis === undefined) return { chinese: null, settings }
  const made = definitionsOf(names, analysis)
  const isMade = Object.entries(made).every(([key, value]) => normalText(settings[key]) === normalText(value))
  if (!isMade) return { chinese: null, settings }
  const rest = Object.entries(settings).filter(([key]) => made[key] === undefined)
  const usual = chooseAnalysis({ ...names, preferred: chineseAnalyses }, nodes).analysis
  return { chinese: usual === analysis ? {} : { prefer: [analysis] }, settings: Object.fromEntries(rest) }
}

export function divide(found: readonly (ImportedItem | NotDeclarable)[]): Imported {
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: found.filter((one) => 'why' in one),
  }
}
