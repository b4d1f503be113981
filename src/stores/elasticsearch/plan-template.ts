import type { StoreDifference } from '../../core/store.ts'
import type { Desired, DesiredTemplate } from './bodies.ts'
import { compareSettings, extraSettings } from './compare-settings.ts'
import { compareTrees, extraBranches } from './compare-trees.ts'
import type { ComponentTemplate } from './declaration.ts'
import { childOf } from './normal-form.ts'
import type { ObservedTemplate } from './observation.ts'
import { noLoss, type PlannedChange } from './planned-change.ts'

/** What brings a component template to its declaration; null when it is there. */
export function planComponent(
  { name, body }: Desired<ComponentTemplate>,
  observed: ObservedTemplate | undefined,
): PlannedChange | null {
  const analysis = childOf(body, '_meta')['chinese_analysis']
  const what = `component template ${name}${analysis === undefined ? '' : `, Chinese text cut by ${analysis}`}`
  const differences = observed === undefined ? [] : compareContent(body, observed)
  if (observed !== undefined && differences.length === 0) return null
  return {
    resource: { kind: 'component template', name },
    action: observed === undefined ? 'create' : 'update',
    summary: `${observed === undefined ? 'create' : 'change'} ${what}`,
    differences,
    deed: { type: 'put-component', name, body },
    ...noLoss,
  }
}

/** What brings an index template to its declaration; null when it is there. */
export function planTemplate(
  { name, body, source }: DesiredTemplate,
  observed: ObservedTemplate | undefined,
): PlannedChange | null {
  const differences =
    observed === undefined ? [] : [...compareHead(body, observed.rest), ...compareContent(body, observed)]
  if (observed !== undefined && differences.length === 0) return null
  return {
    resource: { kind: 'index template', name },
    action: observed === undefined ? 'create' : 'update',
    summary: `${observed === undefined ? 'create' : 'change'} index template ${name} for ${source.patterns.join(', ')}`,
    differences,
    deed: { type: 'put-template', name, body },
    ...noLoss,
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
 * Settings, mappings and marks that are not as declared. What somebody added is left alone, unless the declaration has changed since it was
 * put: then what it no longer has is told, too, and goes with the same step.
 */
function compareContent(body: Desired<unknown>['body'], observed: ObservedTemplate): readonly StoreDifference[] {
  const template = childOf(body, 'template')
  const [settings, mappings] = [childOf(template, 'settings'), childOf(template, 'mappings')]
  const meta = childOf(body, '_meta')
  const compared = [
    ...compareSettings(settings, observed.settings).map(({ kind: _, ...difference }) => difference),
    ...compareTrees(mappings, observed.mappings, 'mappings'),
    ...compareTrees(meta, observed.meta, '_meta'),
  ]
  if (observed.meta['spec_sha256'] === meta['spec_sha256']) return compared
  return [
    ...compared,
    ...extraSettings(settings, observed.settings),
    ...extraBranches(mappings, observed.mappings, 'mappings'),
  ]
}
