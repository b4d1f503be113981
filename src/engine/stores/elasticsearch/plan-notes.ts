import type { ElasticsearchObservation, Simulation } from '../../../domain/stores/elasticsearch/observation.ts'
import type { DesiredState } from './bodies.ts'
import type { ChosenAnalysis } from './choose-analysis.ts'
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
    ...explainLeftovers(plan.observed.leftovers),
  ]
}

function explainAnalysis(component: string, chosen: ChosenAnalysis, observed: ElasticsearchObservation): string {
  const before = observed.components.get(component)?.meta['chinese_analysis']
  const why = chosen.passedOver.length === 0 ? 'every node has it' : chosen.passedOver.join(', ')
  const what = `${component} cuts Chinese text by ${chosen.analysis}: ${why}.`
  if (before === undefined || before === chosen.analysis) return what
  return `${what} It was ${String(before)}: new indices only; search finds both, reindex the older ones to make them alike.`
}

function explainLeftovers(leftovers: readonly string[]): readonly string[] {
  if (leftovers.length === 0) return []
  return [`Left alone, since no file declares them any more: ${leftovers.join(', ')}.`]
}

function explainOverlap(name: string, overlapping: readonly string[]): readonly string[] {
  if (overlapping.length === 0) return []
  return [`${name} meets the same names as ${overlapping.join(', ')}: the higher priority wins.`]
}
