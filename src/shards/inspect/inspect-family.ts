import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import { countOf } from '../../core/plural.ts'
import type { Division } from '../../core/shard-family.ts'
import { toIso } from '../answers.ts'
import type { ClockAssessment } from '../clocks.ts'
import { dayText, isExpired } from '../clocks.ts'
import type { Contradiction } from '../contradictions.ts'
import { type FamilyView, isBegun, isGone, newRecord, shardOf } from '../family-view.ts'
import type {
  DriftedGroup,
  FamilyInspection,
  LostTable,
  MissingShard,
  OverdueShard,
  ProtectedShard,
  ShardLoss,
  UnexpectedTable,
} from '../inspection.ts'
import { movedTo } from '../moved-family.ts'
import { planKeys, planPeriods } from '../plan-missing.ts'
import type { ShardToMake } from '../rotation/family-plan.ts'
import { isVanished, openLosses, settleFamily, withRecords } from '../settle-family.ts'
import type { FamilyRecord, ShardFinding, ShardRecord } from '../shard.ts'
import { type GroupedShapes, groupShapes, type ShapedShard } from './group-shapes.ts'
import { compareKeys } from './list-shards.ts'

/** What is known about a family, its tables classified. */
export interface FamilyFacts {
  readonly view: FamilyView
  /** Keys of the shards that have a table. */
  readonly keys: ReadonlySet<string>
  readonly lookalikes: readonly UnexpectedTable[]
  /** False before the registry's tables are created. */
  readonly registered: boolean
  /** What the registry knows about the family; null before it knows it. */
  readonly record: FamilyRecord | null
  readonly clocks: ClockAssessment
  /** Its shards with their shapes, in the order of their keys. */
  readonly shards: readonly ShapedShard[]
  /** The fingerprint of the template's table; null where no server was asked. */
  readonly template: string | null
  /** Bytes of held tables by name. */
  readonly bytes: ReadonlyMap<string, number>
  readonly unchecked: readonly string[]
  readonly contradictions: readonly Contradiction[]
}

/** A family's inspection, and the shapes that still have to be compared line by line. */
export interface InspectedFamily {
  readonly inspection: FamilyInspection
  readonly shapes: GroupedShapes
}

/** Compares the existing tables with the policy and with the registry. Pure. */
export function inspectFamily(facts: FamilyFacts): InspectedFamily {
  const { view: asRecorded, record, clocks } = facts
  const { view } = settleFamily(asRecorded, clocks.now)
  const shapes = groupShapes(facts.shards, record, facts.template)
  // Missing tables whose names are in doubt are unknown: no run would create them.
  const isInDoubt = facts.contradictions.some(({ kind }) => kind !== 'protection')
  const found = findMissing(withTables(view, facts), clocks)
  const { missing, holes, aheadUntil } = isInDoubt ? { ...found, missing: [], holes: [] } : found
  const moved = movedTo(view)
  const { division } = view.family
  const isKeptReady = division.type === 'period' && view.family.policy.premake.none !== true
  const headroom = isKeptReady ? measureHeadroom(division, facts.keys, clocks.now) : null
  const inspection: FamilyInspection = {
    family: view.family.name,
    division: division.type,
    ...(moved === null ? {} : { movedTo: moved }),
    tables: facts.keys.size,
    missing,
    holes,
    unexpected: [
      ...(isInDoubt ? [] : facts.lookalikes),
      ...findApart(facts, headroom, aheadUntil),
      ...findDoubles(view, facts.keys),
    ],
    drift: {
      reference: shapes.reference,
      like: shapes.like.length,
      groups: shapes.groups.map(toUndescribed),
      behind: shapes.behind,
      version: record?.version ?? null,
      templateChanged: record !== null && record.checksum !== view.family.template.checksum,
    },
    unregistered: facts.registered && !isInDoubt ? findUnregistered(view, facts.keys) : [],
    lost:
      moved === null ? [...asRecorded.records.values()].filter((one) => isVanished(asRecorded, one)).map(toLost) : [],
    losses: openLosses(asRecorded).map(toLossReport),
    overdue: findOverdue(view, clocks.now),
    unsettled: [...asRecorded.records.values()].filter(isBegun).map(toLost),
    held: measureHeld(view, facts.bytes),
    protected: [...view.records.values()].flatMap(toProtected),
    headroom,
    lastSuccessAt: toIso(record?.lastSuccessAt ?? null),
    contradictions: facts.contradictions.map(({ tables, fault }) => ({
      tables,
      what: fault.what,
      why: fault.why ?? '',
      next: fault.next ?? '',
    })),
    unchecked: [...facts.unchecked, ...findEmptySource(view)],
  }
  return { inspection, shapes }
}

/** A source without rows proves nothing about the keys of shards. */
function findEmptySource({ family, census, records }: FamilyView): readonly string[] {
  if (family.division.type === 'period' || census === null) return []
  const inUse = [...records.values()].filter((record) => !isGone(record))
  if (census.present.length + census.deleted.length > 0 || inUse.length === 0) return []
  const { database, table } = family.division.source
  return [
    `\`${database}.${table}\` has no rows although ${countOf(inUse.length, 'shard')} ${inUse.length === 1 ? 'exists' : 'exist'}: which keys were deleted is not known.`,
  ]
}

function toUndescribed({ shards }: GroupedShapes['groups'][number]): DriftedGroup {
  return { tables: shards.map(({ table }) => table), differences: null }
}

/** With a row for every table: a hole is a hole whether or not the registry has the periods around it. */
function withTables(view: FamilyView, { keys }: FamilyFacts): FamilyView {
  const unknown = [...keys].filter((key) => !view.records.has(key))
  return withRecords(
    view,
    unknown.flatMap((key) => {
      const shard = shardOf(view, key)
      return shard === null ? [] : [newRecord(shard, 1, null)]
    }),
  )
}

interface Missing {
  readonly missing: readonly MissingShard[]
  readonly holes: readonly MissingShard[]
  readonly aheadUntil: number | null
}

function findMissing(view: FamilyView, clocks: ClockAssessment): Missing {
  const { division } = view.family
  if (movedTo(view) !== null) return { missing: [], holes: [], aheadUntil: null }
  if (division.type === 'key') {
    const { make } = planKeys(view, division.source.table, clocks.now)
    return { missing: make.map(toMissing), holes: [], aheadUntil: null }
  }
  const { make, aheadUntil } = planPeriods(view, division, clocks, 0)
  const isPast = ({ shard }: ShardToMake): boolean => (shard.to ?? Number.POSITIVE_INFINITY) <= clocks.now
  return {
    missing: make.filter((one) => !isPast(one)).map(toMissing),
    holes: make.filter(isPast).map(toMissing).toReversed(),
    aheadUntil,
  }
}

function toMissing({ shard }: ShardToMake): MissingShard {
  return { table: shard.table, key: shard.key }
}

/** Tables of the future that no rotation created: there are none between the others and them. */
function findApart(
  { view, keys, clocks }: FamilyFacts,
  headroom: number | null,
  aheadUntil: number | null,
): readonly UnexpectedTable[] {
  if (headroom === null || aheadUntil === null) return []
  const end = Math.max(aheadUntil, clocks.now + headroom)
  return [...keys].sort(compareKeys).flatMap((key) => {
    const shard = shardOf(view, key)
    if (shard === null || shard.from === null || shard.from < end) return []
    const why = `Its period begins on ${dayText(shard.from)}, after all shards created ahead, and the periods before it have no tables.`
    return [{ table: shard.table, why }]
  })
}

/** Tables that were created again while their rows are under a hold name. */
function findDoubles(view: FamilyView, keys: ReadonlySet<string>): readonly UnexpectedTable[] {
  return [...view.records.values()].flatMap(({ key, table, state, hold }) => {
    if (!keys.has(key) || (state !== 'held' && state !== 'archived') || hold === null) return []
    if (!view.tables.has(hold.table)) return []
    return [{ table, why: `The registry has its rows in \`${hold.table}\`: this is another table with the same name.` }]
  })
}

function findUnregistered(view: FamilyView, keys: ReadonlySet<string>): readonly string[] {
  return [...keys].sort(compareKeys).flatMap((key) => {
    const record = view.records.get(key)
    return record === undefined || isGone(record) ? [view.naming.name(key)] : []
  })
}

function toLost({ table, key, state }: ShardRecord): LostTable {
  return { table, key, state }
}

function toLossReport({ table, key, state, rows, at }: ShardFinding): ShardLoss {
  return { table, key, state, rows, at: new Date(at).toISOString() }
}

/** Milliseconds: writes may put off a shard's hold for this long, or for as long as its family allows late rows. */
const longestPutOff = 7 * 86_400_000

/** Expired shards whose hold has been put off for too long because of writes. */
function findOverdue({ family, records, findings }: FamilyView, now: number): readonly OverdueShard[] {
  const bound = Math.max(longestPutOff, family.policy.late)
  return findings.flatMap(({ kind, key, table, at }) => {
    const record = records.get(key)
    if (kind !== 'put-off' || record?.state !== 'sealed' || record.protection !== null) return []
    if (!isExpired(family, record, now) || at + bound > now) return []
    return [{ table, key, since: new Date(at).toISOString() }]
  })
}

function measureHeld(view: FamilyView, bytes: ReadonlyMap<string, number>): FamilyInspection['held'] {
  const names = [...view.records.values()].flatMap(({ state, hold }) =>
    (state === 'held' || state === 'archived') && hold !== null && view.tables.has(hold.table) ? [hold.table] : [],
  )
  const known = names.every((name) => bytes.has(name))
  return { tables: names.length, bytes: known ? names.reduce((sum, name) => sum + (bytes.get(name) ?? 0), 0) : null }
}

function toProtected({ table, protection }: ShardRecord): readonly ProtectedShard[] {
  if (protection === null) return []
  return [{ table, reason: protection.reason, by: protection.by, at: new Date(protection.at).toISOString() }]
}

type PeriodDivision = Extract<Division, { readonly type: 'period' }>

/**
 * Milliseconds from now to the end of the last period that has a table with none missing before it: the time for which writes succeed
 * if nothing more is created. 0 where the current period has none.
 */
export function measureHeadroom({ kind, zone }: PeriodDivision, keys: ReadonlySet<string>, now: number): number {
  let period = periodAt(now, kind, zone)
  let end = now
  while (keys.has(period.key)) {
    end = period.to
    period = shiftPeriod(period, 1)
  }
  return end - now
}
