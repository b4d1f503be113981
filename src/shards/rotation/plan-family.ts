import type { Division } from '../../core/shard-family.ts'
import type { ClockAssessment } from '../clocks.ts'
import { type FamilyView, isGone, shardOf } from '../family-view.ts'
import { describeMoved, movedTo } from '../moved-family.ts'
import { planKeys, planPeriods } from '../plan-missing.ts'
import { describeLoss, openLosses, type SettledView, withRecords } from '../settle-family.ts'
import type { Shard, ShardRecord } from '../shard.ts'
import type { FamilyPlan } from './family-plan.ts'
import { planRetention } from './plan-retention.ts'

/**
 * Plans one family.
 * @param dependents families whose tables reference this one's, settled
 * @param ahead periods asked for beside the policy's
 */
export function planFamily(
  settled: SettledView,
  dependents: readonly FamilyView[],
  clocks: ClockAssessment,
  ahead: number,
): FamilyPlan {
  const { family, target } = settled.view
  const moved = movedTo(settled.view)
  if (moved !== null)
    return {
      family: family.name,
      target,
      make: [],
      adopt: [],
      corrections: [],
      leftovers: [],
      steps: [],
      question: null,
      losses: [],
      notes: [describeMoved(family.name, moved)],
      aheadUntil: null,
    }
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

/** Tables with a shard's name that are missing from the registry, or recorded there as dropped. */
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
