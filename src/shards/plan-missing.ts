import { type Period, periodAt, periodOf, periodsBetween, shiftPeriod } from '../calendar/period.ts'
import { countOf } from '../core/plural.ts'
import type { Division, ShardFamily } from '../core/shard-family.ts'
import { type ClockAssessment, isExpired } from './clocks.ts'
import { type FamilyView, isRetired, nameSome } from './family-view.ts'
import type { ShardToMake } from './rotation/family-plan.ts'
import type { ShardRecord } from './shard.ts'

type PeriodDivision = Extract<Division, { readonly type: 'period' }>

/** Milliseconds. */
const day = 86_400_000

/** The number of holes that one run fills: later runs fill the rest. */
const mostHoles = 1000

export interface PeriodsPlan {
  readonly make: readonly ShardToMake[]
  /** Null where no more shards are made. */
  readonly aheadUntil: number | null
  readonly notes: readonly string[]
}

/**
 * The current period and those that must exist before they begin: the policy's number of periods or `ahead`, or its
 * days, whichever is farther. By the clock, never by data: a family without writes is also kept ready.
 */
export function periodsAhead(
  family: ShardFamily,
  division: PeriodDivision,
  now: number,
  ahead: number,
): readonly Period[] {
  const { kind, zone } = division
  const current = periodAt(now, kind, zone)
  const byCount = shiftPeriod(current, Math.max(family.policy.premake.periods, ahead))
  const byDays = periodAt(now + family.policy.premake.days * day, kind, zone)
  return periodsBetween(current.from, Math.max(byCount.to, byDays.to), kind, zone)
}

/** Past periods for which rows may still arrive: the policy's `late` has not passed, whether or not a table ever existed. */
function periodsLate(view: FamilyView, { kind, zone }: PeriodDivision, now: number): readonly Period[] {
  const current = periodAt(now, kind, zone)
  const oldest = periodAt(now - view.family.policy.late, kind, zone)
  return periodsBetween(oldest.from, current.from, kind, zone).filter((period) => isHole(view, period, now))
}

/**
 * Tables to create for a family of periods: first those ahead, then those for which rows may arrive late, then the holes, newest
 * first.
 */
export function planPeriods(
  view: FamilyView,
  division: PeriodDivision,
  clocks: ClockAssessment,
  ahead: number,
): PeriodsPlan {
  if (view.family.policy.premake.none === true) return { make: [], aheadUntil: null, notes: [] }
  const wanted = periodsAhead(view.family, division, clocks.now, ahead)
  const late = periodsLate(view, division, clocks.now)
  const lateKeys = new Set(late.map(({ key }) => key))
  const holes = clocks.trusted ? findHoles(view, division, clocks.now).filter(({ key }) => !lateKeys.has(key)) : []
  const make = [
    ...wanted.map((period) => toMake(view, period, 'ahead')),
    ...late.map((period) => toMake(view, period, 'late')),
    ...holes.slice(0, mostHoles).map((period) => toMake(view, period, 'hole')),
  ].filter(({ shard }) => isWanting(view, shard.key, shard.table))
  const waiting = holes.length - mostHoles
  const notes =
    waiting > 0 ? [`${countOf(waiting, 'more hole')} ${waiting === 1 ? 'is' : 'are'} filled by later runs.`] : []
  return { make, aheadUntil: wanted.at(-1)?.to ?? clocks.now, notes: [...notes, ...noteVanished(make)] }
}

/** Past periods, newest first, that have no table, were not retired and would not be retired at once. */
function findHoles(view: FamilyView, division: PeriodDivision, now: number): readonly Period[] {
  const { kind, zone } = division
  // A period that was dropped without an archive is not a beginning: nothing was kept of it, and nothing before it is
  // missing.
  const kept = [...view.records.values()].filter(({ state, archive }) => state !== 'dropped' || archive !== null)
  const known = kept.flatMap(({ key }) => periodOf(key, kind, zone)?.from ?? [])
  const current = periodAt(now, kind, zone)
  const oldest = known.reduce((least, from) => Math.min(least, from), current.from)
  return periodsBetween(oldest, current.from, kind, zone)
    .filter((period) => isHole(view, period, now))
    .toReversed()
}

function isHole(view: FamilyView, period: Period, now: number): boolean {
  const record = view.records.get(period.key)
  if (record !== undefined && isRetired(record)) return false
  return !view.tables.has(view.naming.name(period.key)) && !isExpired(view.family, { ...period, goneAt: null }, now)
}

/** False where there is a table, and where the rows are on hold: those are restored instead. */
function isWanting(view: FamilyView, key: string, table: string): boolean {
  const state = view.records.get(key)?.state
  return !view.tables.has(table) && state !== 'held' && state !== 'archived'
}

function toMake({ family, naming, records }: FamilyView, period: Period, why: ShardToMake['why']): ShardToMake {
  const { key, from, to } = period
  const state = records.get(key)?.state
  const vanished = state === 'live' || state === 'sealed' || state === 'lost'
  return {
    shard: { family: family.name, key, table: naming.name(key), from, to },
    why: vanished ? 'vanished' : why,
  }
}

/** One sentence for each table that was dropped outside of wwdb: the table is created again, its rows are lost. */
function noteVanished(make: readonly ShardToMake[]): readonly string[] {
  return make.flatMap(({ shard, why }) => {
    if (why !== 'vanished') return []
    return [`\`${shard.table}\` was dropped outside of wwdb: it is created again, empty.`]
  })
}

interface KeysPlan {
  readonly make: readonly ShardToMake[]
  readonly corrections: readonly ShardRecord[]
  readonly notes: readonly string[]
}

/** Tables to create for a family of keys, and the changes of the registry for keys that disappeared or came back. */
export function planKeys(view: FamilyView, source: string, now: number): KeysPlan {
  const { census, records, present } = view
  if (census === null)
    return { make: [], corrections: [], notes: [`${source} does not exist yet, so no keys are known.`] }
  const make = census.present.flatMap((key) => makeForKey(view, key))
  const inUse = [...records.values()].filter(({ state }) => state !== 'dropped')
  const returned = inUse.filter(({ key, goneAt }) => goneAt !== null && present.has(key))
  const gone = inUse.filter(({ key, goneAt }) => goneAt === null && !present.has(key))
  // A source without a single row is more likely the wrong table than the end of all instances.
  const empty = census.present.length + census.deleted.length === 0 && gone.length > 0
  const doubt = `${source} has no rows although shards exist: no shard counts as deleted.`
  return {
    make,
    corrections: [...returned.map(welcome), ...(empty ? [] : gone.map((record) => ({ ...record, goneAt: now })))],
    notes: [...(empty ? [doubt] : []), ...noteReturned(returned), ...noteVanished(make)],
  }
}

function makeForKey(view: FamilyView, key: string): readonly ShardToMake[] {
  const record = view.records.get(key)
  const table = view.naming.name(key)
  if (view.tables.has(table)) return []
  // Its rows still exist: they are restored instead.
  if (record?.state === 'held' || record?.state === 'archived' || (record?.state === 'dropped' && record.archive))
    return []
  const vanished = record?.state === 'live' || record?.state === 'sealed' || record?.state === 'lost'
  const shard = { family: view.family.name, key, table, from: null, to: null }
  return [{ shard, why: vanished ? 'vanished' : 'key' }]
}

function welcome(record: ShardRecord): ShardRecord {
  const sealed = record.state === 'sealed'
  return { ...record, goneAt: null, ...(sealed ? { state: 'live', seal: null } : {}) }
}

function noteReturned(returned: readonly ShardRecord[]): readonly string[] {
  if (returned.length === 0) return []
  return [`Deleted keys that exist again: ${nameSome(returned.map(({ table }) => table))}.`]
}
