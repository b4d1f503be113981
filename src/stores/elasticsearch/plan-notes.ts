import type { Undeclared } from '../find-drift.ts'
import type { DesiredState } from './bodies.ts'
import type { ChosenAnalysis } from './choose-analysis.ts'
import type { ElasticsearchObservation, Simulation } from './observation.ts'
import { explainRetention } from './plan-policy.ts'

interface Noteworthy {
  readonly desired: DesiredState
  readonly observed: ElasticsearchObservation
  readonly chosen: ReadonlyMap<string, ChosenAnalysis>
  readonly simulations: ReadonlyMap<string, Simulation>
}

/** What a person should know about a plan besides its changes. */
export function writeNotes(plan: Noteworthy): readonly string[] {
  return [
    ...[...plan.chosen].map(([component, chosen]) => explainAnalysis(component, chosen, plan.observed)),
    ...plan.desired.policies.flatMap(({ source }) => explainRetention(source) ?? []),
    ...[...plan.simulations].flatMap(([name, { overlapping }]) => explainOverlap(name, overlapping)),
  ]
}

function explainAnalysis(component: string, chosen: ChosenAnalysis, observed: ElasticsearchObservation): string {
  const before = observed.components.get(component)?.meta['chinese_analysis']
  const why = chosen.passedOver.length === 0 ? 'every node has it' : chosen.passedOver.join(', ')
  const what = `${component} cuts Chinese text by ${chosen.analysis}: ${why}.`
  if (before === undefined || before === chosen.analysis) return what
  return `${what} It was ${String(before)}: new indices only; search finds both, reindex the older ones to make them alike.`
}

function explainOverlap(name: string, overlapping: readonly string[]): readonly string[] {
  if (overlapping.length === 0) return []
  return [`${name} meets the same names as ${overlapping.join(', ')}: the higher priority wins.`]
}

/** What stands there and no file declares. It is left alone. */
export function findUndeclared({ observed }: Pick<Noteworthy, 'observed'>): readonly Undeclared[] {
  return observed.leftovers.map(({ kind, name, byTool }) => ({
    resource: { kind, name },
    detail: byTool ? 'wwdb made it, from a declaration that is gone' : 'somebody made it by hand',
    severity: 'warning',
    next: `Declare it, or remove it with DELETE ${endpoints[kind] ?? ''}/${name} once nobody uses it.`,
  }))
}

const endpoints: Readonly<Record<string, string>> = {
  'data stream': '/_data_stream',
  'index template': '/_index_template',
  'component template': '/_component_template',
  'lifecycle policy': '/_ilm/policy',
}
