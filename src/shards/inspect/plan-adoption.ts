import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import { longestTable } from '../../calendar/proof.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { timeText } from '../../core/instant.ts'
import { isCalled, type ShardFamily } from '../../core/shard-family.ts'
import { describeDifference } from '../../ddl/definitions/compare-definitions.ts'
import type { AdoptedTable, FamilyAdoption } from '../answers.ts'
import { type Contradiction, findContradictions } from '../contradictions.ts'
import { type FamilyView, isGone, newRecord, refuseArchive, shardOf, toDropped } from '../family-view.ts'
import type { FoundArchive, ShardStore, UnreadArchive } from '../ports.ts'
import type { FamilyRecord, Registry, Shard, ShardRecord } from '../shard.ts'
import { holdName, protectionOf } from '../shard.ts'
import { adoptHeader } from './adopt-header.ts'
import type { ShapedShard } from './group-shapes.ts'
import { type AlteredFamily, type AlteredTarget, inspectAlterations } from './inspect-alterations.ts'
import type { InspectionRequest, ViewedFamily, ViewedTarget } from './view-target.ts'

/** What the registry of one target will learn. */
export interface TargetAdoption {
  readonly families: readonly FamilyAdoption[]
  readonly shards: readonly ShardRecord[]
  readonly records: readonly FamilyRecord[]
}

/**
 * Computes what the registry lacks: tables with a shard's name and the template's shape, and held ones whose name shows which shard they are; and, as dropped, shards
 * of which only an archive exists. Others are named with the reason. Writes nothing except, briefly, a scratch schema.
 */
export async function planAdoption(
  request: Omit<InspectionRequest, 'scratch'>,
  database: DatabaseConfig,
  store: ShardStore,
  archives: readonly (FoundArchive | UnreadArchive)[],
): Promise<TargetAdoption> {
  const altered = await inspectAlterations(request, database, store)
  const now = request.now()
  const holds = findHolds(altered.target)
  const isNew = altered.families.some(({ viewed }) => viewed.record === null)
  const carried = isNew ? await store.readCarriedVersions() : new Map<string, number>()
  const families: FamilyAdoption[] = []
  const shards: ShardRecord[] = []
  const records: FamilyRecord[] = []
  for (const family of altered.families) {
    const version = family.viewed.record?.version ?? carried.get(family.viewed.view.family.name) ?? 1
    const foreign = listForeign(family, altered.target, request.families)
    const live = adoptLive(family, { registry: altered.target.registry, foreign }, version, now)
    const held = await adoptHeld(store, family, version, holds)
    const kept = adoptArchives(family, [...live, ...held], archives)
    const { view } = family.viewed
    const changes = adoptHeader(view, altered.target.shapes)
    const adopted = [...live, ...held, ...kept].map((one) => withProtection(one, altered.target.registry))
    families.push({
      family: family.viewed.view.family.name,
      adopted: [
        ...adopted.map((one) => toAdopted(one)),
        ...changes.map(({ before, after }) => toAdopted(after, before)),
      ],
      known: [...family.viewed.view.records.values()].filter((record) => !isGone(record)).length,
      refused: [
        ...foreign.flatMap(({ tables, fault }) =>
          tables.map((table) => ({ table, why: `${fault.what} ${fault.next ?? ''}`.trim() })),
        ),
        ...refuseDrifted(family, altered.target.registry, foreign),
        ...refuseLookalikes(family, altered),
        ...refuseHolds(family, holds),
        ...refuseArchives(family, archives),
      ],
    })
    shards.push(...adopted, ...changes.map(({ after }) => after))
    if (family.viewed.record === null && adopted.length > 0) records.push(firstRecord(family, version))
  }
  return { families, shards, records }
}

/** Tables that are recorded for another family: that family was renamed, or this one took its names. A person must decide which. */
function listForeign(
  { viewed: { view } }: AlteredFamily,
  { registry }: ViewedTarget,
  families: readonly ShardFamily[],
): readonly Contradiction[] {
  const own = families.filter(({ database }) => database === view.family.database)
  return findContradictions(view, registry, own).filter(({ kind }) => kind === 'renamed')
}

/** A protection belongs to the table: one that exists only in events comes with it. */
function withProtection(record: ShardRecord, { traces }: Registry): ShardRecord {
  const trace = traces.find(({ table, protectedFor }) => table === record.table && protectedFor !== null)
  return trace === undefined ? record : { ...record, protection: record.protection ?? protectionOf(trace) }
}

function isProtected({ traces }: Registry, shard: Shard): boolean {
  return traces.some(({ table, protectedFor }) => table === shard.table && protectedFor !== null)
}

function isUnknown({ record }: ShapedShard): boolean {
  return record === null || isGone(record)
}

function adoptLive(
  { viewed: { view }, shards, fingerprint }: AlteredFamily,
  { registry, foreign }: { readonly registry: Registry; readonly foreign: readonly Contradiction[] },
  version: number,
  now: number,
): readonly ShardRecord[] {
  const foreignTables = new Set(foreign.flatMap(({ tables }) => tables))
  const isGone = (key: string): boolean => view.census !== null && !view.present.has(key)
  return (
    shards
      .filter((one) => isUnknown(one) && !foreignTables.has(one.shard.table))
      // A protected table is adopted in any shape: nothing is removed from it.
      .filter((one) => one.fingerprint === fingerprint || isProtected(registry, one.shard))
      .map(({ shard, fingerprint: own }) => ({
        ...newRecord(shard, version, own),
        protection: view.records.get(shard.key)?.protection ?? null,
        goneAt: isGone(shard.key) ? now : null,
      }))
  )
}

/** Rows of a held table are counted now: their number when it was sealed is unknown. */
async function adoptHeld(
  store: ShardStore,
  { viewed: { view } }: AlteredFamily,
  version: number,
  holds: readonly FoundHold[],
): Promise<readonly ShardRecord[]> {
  const adopted: ShardRecord[] = []
  for (const { shard, table, at, refusal } of holds) {
    if (shard.family !== view.family.name || refusal !== null) continue
    const counted = await store.measure(table)
    adopted.push({
      ...newRecord(shard, version, null),
      state: 'held',
      // Its key was gone by then at the latest.
      goneAt: view.family.division.type === 'key' ? at : null,
      seal: { ...counted, at },
      hold: { table, at, until: at + view.family.policy.grace },
    })
  }
  return adopted
}

/** Shards of which only an archive exists: the newest, so that `shards restore` finds it. */
function adoptArchives(
  { viewed: { view } }: AlteredFamily,
  adopted: readonly ShardRecord[],
  archives: readonly (FoundArchive | UnreadArchive)[],
): readonly ShardRecord[] {
  const isFree = ({ key, table }: Shard): boolean =>
    !view.records.has(key) && !view.tables.has(table) && !adopted.some((one) => one.key === key)
  const own = archives.flatMap((one) => (one.type === 'found' && refuseArchive(view, one) === null ? [one] : []))
  const newest = new Map(own.filter(({ shard }) => isFree(shard)).map((one) => [one.shard.key, one]))
  return [...newest.values()].map((one) => toDropped(one, view.family.name))
}

/** Archives of a family that belong to none of its shards. */
function refuseArchives(
  { viewed: { view } }: AlteredFamily,
  archives: readonly (FoundArchive | UnreadArchive)[],
): FamilyAdoption['refused'] {
  return archives.flatMap((one) => {
    if (one.type === 'unread') {
      const isOwn = view.naming.parse(one.table) !== null
      return isOwn ? [{ table: one.table, why: `The archive ${one.address} is skipped: ${one.why}.` }] : []
    }
    if (!isCalled(view.family, one.shard.family) || one.database !== view.family.database) return []
    const why = refuseArchive(view, one)
    return why === null
      ? []
      : [{ table: one.shard.table, why: `The archive ${one.archive.address} is skipped: ${why}.` }]
  })
}

/** The template's text in the file: the adopted shards match it. */
function firstRecord({ viewed: { view } }: AlteredFamily, version: number): FamilyRecord {
  const { name, template } = view.family
  return { family: name, version, template: template.text, checksum: template.checksum, lastSuccessAt: null }
}

/** @param before its row in the registry; null where there is none */
function toAdopted(
  { table, key, hold, state, from, to }: ShardRecord,
  before: ShardRecord | null = null,
): AdoptedTable {
  const isOther = before !== null && (before.from !== from || before.to !== to)
  const bounds = isOther ? ` for ${timeText(before.from ?? 0)} to ${timeText(before.to ?? 0)}` : ''
  const recorded = before === null ? null : `${before.table}${bounds}`
  if (state === 'dropped') return { table, key, state, recorded }
  return hold === null
    ? { table, key, state: 'live', recorded }
    : { table: before === null ? hold.table : table, key, state: 'held', recorded }
}

function refuseDrifted(
  { shards, alterations, fingerprint }: AlteredFamily,
  registry: Registry,
  foreign: readonly Contradiction[],
): FamilyAdoption['refused'] {
  const foreignTables = new Set(foreign.flatMap(({ tables }) => tables))
  const drifted = shards.filter(
    (one) =>
      isUnknown(one) &&
      one.fingerprint !== fingerprint &&
      !foreignTables.has(one.shard.table) &&
      !isProtected(registry, one.shard),
  )
  return drifted.map(({ shard: { table } }) => {
    const group = alterations.groups.find(({ tables }) => tables.includes(table))
    const differences = group?.differences.map((one) => describeDifference(one)) ?? []
    const what = differences.length === 0 ? 'differs from its template' : differences.join('; ')
    return { table, why: `It ${what}.` }
  })
}

function refuseLookalikes({ viewed }: AlteredFamily, { target }: AlteredTarget): FamilyAdoption['refused'] {
  return target.classified.lookalikes.get(viewed.view.family.name) ?? []
}

function refuseHolds({ viewed }: AlteredFamily, holds: readonly FoundHold[]): FamilyAdoption['refused'] {
  return holds.flatMap(({ shard, table, refusal }) =>
    shard.family === viewed.view.family.name && refusal !== null ? [{ table, why: refusal }] : [],
  )
}

/** A table under a hold name that is missing from the registry, and the shard that it is. */
interface FoundHold {
  readonly table: string
  readonly shard: Shard
  /** The day in its name, in milliseconds. */
  readonly at: number
  /** Why it is not accepted as that shard, as a sentence; null where it is. */
  readonly refusal: string | null
}

const shape = /^_hold_(\d{4})(\d{2})(\d{2})_[0-9a-f]{8}_(.+)$/

/** The number of keys that are tried for a name that was cut: with the digest's 32 bits, two hardly ever match. */
const mostTried = 200_000

/**
 * Parses hold names. The digest in a name proves which shard it is; where the name was cut to fit, the possible keys are tried
 * against the digest. A name that was made by hand proves nothing.
 */
function findHolds({ classified, families }: ViewedTarget): readonly FoundHold[] {
  return classified.strayHolds.flatMap((table) => {
    const [, year, month, day, name] = shape.exec(table) ?? []
    const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
    if (name === undefined || Number.isNaN(at)) return []
    const isCut = table.length === longestTable
    const found = families.flatMap((owner) => {
      const keys = isCut ? keysLike(owner.view, name, at) : keyOf(owner.view, name)
      const shards = [...keys].map((key) => shardOf(owner.view, key)).filter((shard) => shard !== null)
      // The digest was computed with the name that the family had then.
      const names = [owner.view.family.name, ...(owner.view.family.formerNames ?? [])]
      const isOf = (shard: Shard): boolean => names.some((family) => holdName({ ...shard, family }, at) === table)
      return shards.filter(isOf).map((shard) => ({ owner, shard }))
    })
    const [only] = found
    if (only === undefined) return []
    const refusal = found.length > 1 ? 'Its name was truncated, and it matches more than one shard.' : null
    return [{ table, shard: only.shard, at, refusal: refusal ?? refuse(only.owner, only.shard) }]
  })
}

function keyOf({ naming }: FamilyView, name: string): readonly string[] {
  const key = naming.parse(name)
  return key === null ? [] : [key]
}

/** Keys whose tables begin like the remaining part of a cut name: known ones first, then possible ones. */
function* keysLike(view: FamilyView, beginning: string, at: number): Generator<string> {
  const seen = new Set<string>()
  for (const key of possibleKeys(view, at)) {
    if (seen.has(key) || !view.naming.name(key).startsWith(beginning)) continue
    seen.add(key)
    yield key
  }
}

function* possibleKeys({ family: { division }, records, present }: FamilyView, at: number): Generator<string> {
  yield* records.keys()
  yield* present
  let period = division.type === 'period' ? periodAt(at, division.kind, division.zone) : null
  for (let tried = 0; tried < mostTried; tried += 1) {
    yield period?.key ?? String(tried)
    if (period === null) continue
    // A shard is held after its period, and at most a century later.
    if (period.from < at - century) return
    period = shiftPeriod(period, -1)
  }
}

const century = 100 * 366 * 86_400_000

function refuse({ view }: ViewedFamily, { key, table }: Shard): string | null {
  const record = view.records.get(key)
  if (record !== undefined && !isGone(record))
    return `The registry has \`${table}\` as ${record.state}, so this is another table.`
  return view.tables.has(table) ? `A table \`${table}\` exists as well: only one of the two can be the shard.` : null
}
