import { describeDuration } from '../../core/duration.ts'
import type { StoreDifference } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import type { Desired, DesiredTemplate } from './bodies.ts'
import { compareSettings, extraSettings } from './compare-indices.ts'
import { childOf, compareTrees, extraBranches } from './compare-trees.ts'
import type { ComponentTemplate, JsonObject, LifecyclePolicy } from './declaration.ts'
import { withoutSeal } from './mark.ts'
import { actionOf, ageOf, comparePhases, describePolicy, judgePhases, parseAge } from './policies.ts'
import type { IndexFacts, ObservedPolicy, ObservedTemplate } from './ports.ts'

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
  } as const
  return harmless(change, { type: 'put-component', name, body })
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
  } as const
  return harmless(change, { type: 'put-template', name, body })
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
    ...compareSettings(settings, observed.settings).map(({ kind: _, ...difference }) => difference),
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
  const write = { type: 'put-policy', name, body } as const
  const what = `lifecycle policy ${name}: ${describePolicy(source.phases)}`
  if (observed === undefined) {
    return harmless({ resource, action: 'create', summary: `create ${what}`, differences: [] }, write)
  }
  const differences = [...comparePhases(source, observed.phases), ...compareMeta(childOf(body, '_meta'), observed.meta)]
  if (differences.length === 0) return null
  const indices = observed.indices.flatMap((index) => facts.get(index) ?? [])
  const loss = judgePhases(observed.phases, source.phases, indices, now)
  const change = { resource, action: 'update', summary: `change ${what}`, differences, loss } as const
  return { change, operation: { write, affected: loss === null ? [] : observed.indices } }
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
