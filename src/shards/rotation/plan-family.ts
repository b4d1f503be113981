import type { Division } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import type { ClockAssessment } from '../clocks.ts'
import { type FamilyView, isGone, shardOf } from '../family-view.ts'
import { planKeys, planPeriods, type ShardToMake } from '../plan-missing.ts'
import { describeLoss, openLosses, type SettledView, withRecords } from '../settle-family.ts'
import type { Shard, ShardFinding, ShardRecord } from '../shard.ts'
import { planRetention } from './plan-retention.ts'

/**
 * Plans one family.
 * @param dependents families whose tables refer to this one's, settled
 * @param ahead periods asked for beside the policy's
 */
export function planFamily(
  settled: SettledView,
  dependents: readonly FamilyView[],
  clocks: ClockAssessment,
  ahead: number,
): FamilyPlan {
  const { family, target } = settled.view
  const making = planMaking(settled.view, family.division, clocks, ahead)
  const view = withRecords(settled.view, making.corrections)
  const retention = planRetention(view, dependents, clocks)
  const doubt = clocks.doubt === null ? [] : [clocks.doubt]
  return {
    family: family.name,
    target,
    make: making.make,
    adopt: findUnknown(view),
    corrections: lastOfEach([...settled.corrections, ...making.corrections]),
    leftovers: settled.leftovers,
    steps: retention.steps,
    question: retention.question,
    losses: settled.losses,
    notes: [
      ...settled.notes,
      ...openLosses(settled.view).map(describeLoss),
      ...making.notes,
      ...doubt,
      ...retention.notes,
    ],
    aheadUntil: making.aheadUntil,
  }
}

type Making = Pick<FamilyPlan, 'make' | 'corrections' | 'notes' | 'aheadUntil'>

function planMaking(view: FamilyView, division: Division, clocks: ClockAssessment, ahead: number): Making {
  if (division.type === 'period') return { ...planPeriods(view, division, clocks, ahead), corrections: [] }
  const { database, table } = division.source
  return { ...planKeys(view, `${database}.${table}`, clocks.now), aheadUntil: null }
}

/** Tables with a shard's name that the registry lacks, or believes dropped. */
function findUnknown(view: FamilyView): readonly Shard[] {
  return [...view.tables].flatMap(([table, type]) => {
    const key = type === 'table' ? view.naming.parse(table) : null
    if (key === null) return []
    const record = view.records.get(key)
    return record === undefined || isGone(record) ? (shardOf(view, key) ?? []) : []
  })
}

function lastOfEach(records: readonly ShardRecord[]): readonly ShardRecord[] {
  return [...new Map(records.map((record) => [record.key, record])).values()]
}

/** What happens to a shard that exists. `restore` returns it to use; the other four retire it, in their order. */
export type ShardStepKind = 'restore' | 'seal' | 'hold' | 'archive' | 'drop'

/** One step of one shard. A shard takes at most one in a run. */
export interface ShardStep {
  readonly step: ShardStepKind
  /** As the registry has it, with what was settled of earlier runs. */
  readonly record: ShardRecord
  /** Half a sentence: "its period ended on 2026-01-01". */
  readonly why: string
}

/** What a rotation does to one family. */
export interface FamilyPlan {
  readonly family: string
  readonly target: Target
  /** Parents of the same run are made before. */
  readonly make: readonly ShardToMake[]
  /** Tables that the registry lacks: taken into it if their shape is the template's. */
  readonly adopt: readonly Shard[]
  /** Rows of the registry that looking proved wrong, as they should be: settled intents, gone keys, vanished tables. */
  readonly corrections: readonly ShardRecord[]
  /** Lost rows that no earlier run had found. */
  readonly losses: readonly ShardFinding[]
  /** Tables that an interrupted restore left behind: copies of what is in an archive. */
  readonly leftovers: readonly string[]
  readonly steps: readonly ShardStep[]
  /** Set where holding this number of the family's live shards requires a confirmation. */
  readonly question: { readonly holds: number; readonly live: number } | null
  /** Sentences: why something is not done, or what a person should look at. */
  readonly notes: readonly string[]
  /** End of the last period that will have its table, in milliseconds; null for keys. */
  readonly aheadUntil: number | null
}
