import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import type { DesiredTemplate } from './bodies.ts'
import type { IndexDifference } from './compare-indices.ts'
import { flattenSettings } from './compare-trees.ts'
import type { JsonObject } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import { judgePhases } from './policies.ts'
import type { IndexFacts, ObservedMoves, ObservedSeries, Simulation } from './ports.ts'

/** What planning knows about one data stream or alias. */
export interface SeriesSituation {
  readonly name: string
  readonly template: DesiredTemplate
  readonly simulation: Simulation
  readonly observed: ObservedSeries | undefined
  /** The current phases of a policy, and the declared ones. */
  readonly phasesNow: (policy: string) => JsonObject | null
  readonly phasesSoon: (policy: string) => JsonObject | null
  readonly facts: ReadonlyMap<string, IndexFacts>
  readonly now: number
  /** Reindexes, those under way and those that are over. */
  readonly moves: ObservedMoves
  /** Whether documents move where an index cannot be changed; else it rolls over. */
  readonly reindex: boolean
  /** Documents per second; null for as many as the server can. */
  readonly rate: number | null
  /** Whether indices are removed that were kept for long enough. */
  readonly prune: boolean
}

export const policyKey = 'index.lifecycle.name'

/** True for a setting that lets an index follow a policy. */
export function isPolicyKey(key: string): boolean {
  return key === policyKey || key === 'index.lifecycle.rollover_alias'
}

/** An index that gets another policy, or its first one, may be deleted sooner than before. */
export function judgePolicy(situation: SeriesSituation, index: ObservedIndex): StoreLoss | null {
  const { policy } = situation.template.source
  const before = flattenSettings(index.settings).get(policyKey)
  if (policy === null || before === policy) return null
  const phases = situation.phasesSoon(policy) ?? {}
  const old = before === undefined ? null : situation.phasesNow(before)
  const facts = situation.facts.get(index.name)
  return judgePhases(old, phases, facts === undefined ? [] : [facts], situation.now)
}

export function withoutKind({ path, actual, declared }: IndexDifference): StoreDifference {
  return { path, actual, declared }
}

/** Paths of differences, without where they are. */
export function shortPaths(differences: readonly IndexDifference[]): string {
  return shortList(differences.map(({ path }) => path.replace(/^(settings|mappings)\./, '')))
}

export function shortList(items: readonly string[]): string {
  return items.length <= 4 ? items.join(', ') : `${items.slice(0, 3).join(', ')} and ${items.length - 3} more`
}
