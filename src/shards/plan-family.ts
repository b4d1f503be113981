import type { Division } from '../core/shard-family.ts'
import { type FamilyView, isGone, nameSome, shardOf } from './family-view.ts'
import type { ClockJudgement } from './judge-clocks.ts'
import { describeLoss, isVanished, losesRows, openLosses, toLoss } from './losses.ts'
import type { FamilyPlan } from './plan.ts'
import { planKeys } from './plan-keys.ts'
import { planPeriods } from './plan-periods.ts'
import { planRetention } from './plan-retention.ts'
import { settleIntent } from './settle-intents.ts'
import type { Shard, ShardFinding, ShardRecord } from './shard.ts'
import { isExpired } from './shard-time.ts'

/** A view with what looking at the server proved, before anything is planned from it. */
export interface SettledView {
  readonly view: FamilyView
  readonly corrections: readonly ShardRecord[]
  /** Rows that are found to be gone: to be written with the corrections. */
  readonly losses: readonly ShardFinding[]
  readonly leftovers: readonly string[]
  readonly notes: readonly string[]
}

/** Settles what earlier runs left open, and what other hands did. */
export function settleFamily(view: FamilyView, now: number): SettledView {
  const corrections: ShardRecord[] = []
  const losses: ShardFinding[] = []
  const leftovers: string[] = []
  const notes: string[] = []
  const vanished: string[] = []
  for (const record of view.records.values()) {
    if (isVanished(view, record) && losesRows(record, now)) {
      losses.push(toLoss(record, now))
      corrections.push({ ...record, state: 'lost' })
      continue
    }
    const settled = settleIntent(record, (table) => view.tables.has(table))
    const current = settled?.record ?? record
    if (settled !== null) notes.push(settled.note)
    if (settled?.leftover) leftovers.push(settled.leftover)
    const gone = isDropped(view, current, now)
    if (gone) vanished.push(current.table)
    if (gone) corrections.push({ ...current, state: 'dropped' })
    else if (settled !== null) corrections.push(current)
  }
  if (vanished.length > 0)
    notes.push(`Gone, though no rotation dropped them, and no rows are lost by it: ${nameSome(vanished)}.`)
  const settledView = withRecords({ ...view, findings: [...view.findings, ...losses] }, corrections)
  return { view: settledView, corrections, losses, leftovers, notes }
}

/** True for a shard that nobody will make again, and that another hand dropped without a loss. */
function isDropped(view: FamilyView, record: ShardRecord, now: number): boolean {
  if (!isVanished(view, record)) return false
  if (record.state !== 'live' && record.state !== 'sealed') return true
  return isExpired(view.family, record, now)
}

/** The same view with some rows of the registry as they will be. */
export function withRecords(view: FamilyView, records: readonly ShardRecord[]): FamilyView {
  if (records.length === 0) return view
  return { ...view, records: new Map([...view.records, ...records.map((record) => [record.key, record] as const)]) }
}

/**
 * Plans one family.
 * @param dependents families whose tables refer to this one's, settled
 * @param ahead periods asked for beside the policy's
 */
export function planFamily(
  settled: SettledView,
  dependents: readonly FamilyView[],
  clocks: ClockJudgement,
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

function planMaking(view: FamilyView, division: Division, clocks: ClockJudgement, ahead: number): Making {
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
