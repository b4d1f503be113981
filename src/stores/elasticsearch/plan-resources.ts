import { describeDuration } from '../../core/duration.ts'
import { type Addition, findAdditions, judgeAdditions, withAdditions } from '../find-additions.ts'
import type { StoreDifference } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import type { Desired, DesiredTemplate } from './bodies.ts'
import { compareSettings, extraSettings } from './compare-indices.ts'
import { childOf, compareTrees, extraBranches, isObject, mergeSettings } from './compare-trees.ts'
import type { ComponentTemplate, JsonObject, LifecyclePolicy } from './declaration.ts'
import { isSealed, metaOfOthers, withoutSeal } from './mark.ts'
import { actionOf, ageOf, comparePhases, describePolicy, judgePhases, normalPhases, parseAge } from './policies.ts'
import type { IndexFacts, ObservedPolicy, ObservedTemplate, ResourceKind } from './ports.ts'
import { withoutKind } from './series-situation.ts'

/** The change that brings a component template to its declaration; null when it is as declared. */
export function planComponent(
  { name, body }: Desired<ComponentTemplate>,
  observed: ObservedTemplate | undefined,
): ElasticsearchChange | null {
  const analysis = childOf(body, '_meta')['chinese_analysis']
  const what = `component template ${name}${analysis === undefined ? '' : `, Chinese text analyzed by ${analysis}`}`
  const differences = observed === undefined ? [] : compareContent(body, observed)
  if (observed !== undefined && differences.length === 0) return null
  const change = {
    resource: { kind: 'component template', name },
    action: observed === undefined ? 'create' : 'update',
    summary: `${observed === undefined ? 'create' : 'change'} ${what}`,
    differences,
    loss: judgeAdditions(additionsTo('component template', name, body, observed)),
  } as const
  const write = { type: 'put-component', name, body: withMeta(body, observed) } as const
  return { change, operation: { write, affected: [] } }
}

/** The change that brings an index template to its declaration; null when it is as declared. */
export function planTemplate(
  { name, body, source }: DesiredTemplate,
  observed: ObservedTemplate | undefined,
): ElasticsearchChange | null {
  const differences =
    observed === undefined ? [] : [...compareHead(body, observed.rest), ...compareContent(body, observed)]
  if (observed !== undefined && differences.length === 0) return null
  const change = {
    resource: { kind: 'index template', name },
    action: observed === undefined ? 'create' : 'update',
    summary: `${observed === undefined ? 'create' : 'change'} index template ${name} for ${source.patterns.join(', ')}`,
    differences,
    loss: judgeAdditions(additionsTo('index template', name, body, observed)),
  } as const
  const write = { type: 'put-template', name, body: withMeta(body, observed) } as const
  return { change, operation: { write, affected: [] } }
}

/** Metadata written by others stays. */
function withMeta(body: JsonObject, observed: Pick<ObservedTemplate, 'meta'> | undefined): JsonObject {
  return { ...body, _meta: { ...metaOfOthers(observed?.meta ?? {}), ...childOf(body, '_meta') } }
}

/** A write replaces the whole template: what wwdb did not write, and the file does not have, is gone with it. */
function additionsTo(
  kind: ResourceKind,
  name: string,
  body: JsonObject,
  observed: ObservedTemplate | undefined,
): readonly Addition[] {
  if (observed === undefined || isSealed(kind, name, observed.body, observed.meta)) return []
  return findAdditions(contentOf(body), contentOf(observed.body))
}

/** With settings in one notation, and without what the server says of a template itself. */
function contentOf(body: JsonObject): JsonObject {
  const { _meta: _, template: __, data_stream, ...head } = body
  const { settings, ...template } = childOf(body, 'template')
  const filled = (parts: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(parts).filter(([, value]) => !(isObject(value) && Object.keys(value).length === 0)),
    )
  const own = Object.entries(head).filter(([key]) => !/^(created|modified)_date/.test(key))
  const stream = Object.entries(childOf(body, 'data_stream')).filter(([, value]) => value !== false)
  return {
    ...Object.fromEntries(own),
    ...(data_stream === undefined ? {} : { data_stream: Object.fromEntries(stream) }),
    template: {
      ...filled(template),
      settings: mergeSettings([isObject(settings) ? settings : {}]),
    },
  }
}

/** Patterns, order of components, priority, and whether it makes data streams. */
function compareHead(body: Desired<unknown>['body'], rest: ObservedTemplate['rest']): readonly StoreDifference[] {
  const { index_patterns, composed_of, priority, data_stream } = body
  const makesStreams = data_stream !== undefined
  const found = { index_patterns: rest['index_patterns'], composed_of: rest['composed_of'], priority: rest['priority'] }
  return [
    ...compareTrees({ index_patterns, composed_of, priority }, found, ''),
    ...(makesStreams === (rest['data_stream'] !== undefined)
      ? []
      : [{ path: 'data_stream', actual: String(!makesStreams), declared: String(makesStreams) }]),
  ]
}

/**
 * Settings, mappings and marks that differ from the declaration. Additions made by hand are left alone, unless the declaration has changed since it was
 * written: then keys that it no longer has count as differences and are removed by the same change.
 */
function compareContent(body: Desired<unknown>['body'], observed: ObservedTemplate): readonly StoreDifference[] {
  const template = childOf(body, 'template')
  const [settings, mappings] = [childOf(template, 'settings'), childOf(template, 'mappings')]
  const meta = childOf(body, '_meta')
  const compared = [
    ...compareSettings(settings, observed.settings).map(withoutKind),
    ...compareTrees(mappings, observed.mappings, 'mappings'),
    ...compareTrees(childOf(template, 'lifecycle'), observed.lifecycle ?? {}, 'lifecycle'),
    ...compareMeta(meta, observed.meta),
  ]
  if (observed.meta['spec_sha256'] === meta['spec_sha256']) return compared
  return [
    ...compared,
    ...extraSettings(settings, observed.settings),
    ...extraBranches(mappings, observed.mappings, 'mappings'),
    ...extraBranches(childOf(template, 'lifecycle'), observed.lifecycle ?? {}, 'lifecycle'),
  ]
}

/** What wwdb has not written has no mark of wwdb: that alone is no reason to write it. */
function compareMeta(declared: JsonObject, observed: JsonObject): readonly StoreDifference[] {
  const marked = withoutSeal(declared)
  const { managed_by: _, prefix: __, spec_sha256: ___, ...readable } = marked
  return compareTrees(observed['managed_by'] === undefined ? readable : marked, observed, '_meta')
}

/** The change that brings a policy to its declaration; null when it is as declared. */
export function planPolicy(
  desired: Desired<LifecyclePolicy>,
  observed: ObservedPolicy | undefined,
  facts: ReadonlyMap<string, IndexFacts>,
  now: number,
): ElasticsearchChange | null {
  const { name, body, source } = desired
  const resource = { kind: 'lifecycle policy', name }
  const write = { type: 'put-policy', name, body: withMeta(body, observed) } as const
  const what = `lifecycle policy ${name}: ${describePolicy(source.phases)}`
  if (observed === undefined) {
    return harmless({ resource, action: 'create', summary: `create ${what}`, differences: [] }, write)
  }
  const differences = [...comparePhases(source, observed.phases), ...compareMeta(childOf(body, '_meta'), observed.meta)]
  if (differences.length === 0) return null
  const indices = observed.indices.flatMap((index) => facts.get(index) ?? [])
  const lost = judgePhases(observed.phases, source.phases, indices, now)
  const isOurs = isSealed('lifecycle policy', name, observed.body, observed.meta)
  const additions = isOurs ? [] : findAdditions(normalPhases(source.phases), normalPhases(observed.phases), 'phases')
  const loss = withAdditions(lost, additions)
  const change = { resource, action: 'update', summary: `change ${what}`, differences, loss } as const
  return { change, operation: { write, affected: lost === null ? [] : observed.indices } }
}

/** How long a document of this policy really lives; null where nothing is deleted or the ages are clear. */
export function explainRetention({ name, phases }: LifecyclePolicy): string | null {
  const age = ageOf(phases, 'delete')
  const rollover = actionOf(phases, 'hot', 'rollover')
  if (age === null || rollover === null) return null
  const longest = parseAge(rollover['max_age'])
  if (longest === null) {
    return `\`${name}\` keeps a document at least ${describeDuration(age)}, plus the time that its index took to fill: rollover has no max_age, and ages count from the rollover.`
  }
  return `\`${name}\` keeps a document at least ${describeDuration(age)} and at most ${describeDuration(age + longest)}: ages count from the rollover of its index, which comes within ${describeDuration(longest)}.`
}
