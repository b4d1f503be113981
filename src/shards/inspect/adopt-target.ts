import type { DatabaseConfig } from '../../config/config.ts'
import { describeDifference } from '../../sql/definitions/difference.ts'
import type { AdoptedTable, FamilyAdoption } from '../adoption.ts'
import { isGone, newRecord } from '../family-view.ts'
import type { FoundArchive, ShardStore, UnreadArchive } from '../ports.ts'
import { refuseArchive, toDropped } from '../rotation/restore-from-archive.ts'
import type { FamilyRecord, Shard, ShardRecord } from '../shard.ts'
import { type FoundHold, findHolds } from './find-holds.ts'
import type { ShapedShard } from './group-shapes.ts'
import { type AlteredFamily, type AlteredTarget, inspectAlterations } from './inspect-alterations.ts'
import type { InspectionRequest } from './request.ts'

/** What the registry of one target is to learn. */
export interface TargetAdoption {
  readonly families: readonly FamilyAdoption[]
  readonly shards: readonly ShardRecord[]
  readonly records: readonly FamilyRecord[]
}

/**
 * Works out what the registry lacks: tables with a shard's name and the template's shape, and held ones whose name says
 * which shard they are; and, as dropped, shards of which only an archive is left. Others are named with the reason. Writes nothing but, for a moment, a scratch schema.
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
    const live = adoptLive(family, version, now)
    const held = await adoptHeld(store, family, version, holds)
    const kept = adoptArchives(family, [...live, ...held], archives)
    const adopted = [...live, ...held, ...kept]
    families.push({
      family: family.viewed.view.family.name,
      adopted: adopted.map(toAdopted),
      known: [...family.viewed.view.records.values()].filter((record) => !isGone(record)).length,
      refused: [
        ...refuseDrifted(family),
        ...refuseLookalikes(family, altered),
        ...refuseHolds(family, holds),
        ...refuseArchives(family, archives),
      ],
    })
    shards.push(...adopted)
    if (family.viewed.record === null && adopted.length > 0) records.push(firstRecord(family, version))
  }
  return { families, shards, records }
}

function isUnknown({ record }: ShapedShard): boolean {
  return record === null || isGone(record)
}

function adoptLive(
  { viewed: { view }, shards, fingerprint }: AlteredFamily,
  version: number,
  now: number,
): readonly ShardRecord[] {
  const isGone = (key: string): boolean => view.census !== null && !view.present.has(key)
  return shards
    .filter((one) => isUnknown(one) && one.fingerprint === fingerprint)
    .map(({ shard }) => ({
      ...newRecord(shard, version, fingerprint),
      protection: view.records.get(shard.key)?.protection ?? null,
      goneAt: isGone(shard.key) ? now : null,
    }))
}

/** Rows of a held table are counted here and now: nobody knows what they were when it was sealed. */
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

/** Shards of which nothing but an archive is left: the newest, so that `shards restore` finds it. */
function adoptArchives(
  { viewed: { view } }: AlteredFamily,
  adopted: readonly ShardRecord[],
  archives: readonly (FoundArchive | UnreadArchive)[],
): readonly ShardRecord[] {
  const isFree = ({ key, table }: Shard): boolean =>
    !view.records.has(key) && !view.tables.has(table) && !adopted.some((one) => one.key === key)
  const own = archives.flatMap((one) => (one.type === 'found' && refuseArchive(view, one) === null ? [one] : []))
  const newest = new Map(own.filter(({ shard }) => isFree(shard)).map((one) => [one.shard.key, one]))
  return [...newest.values()].map(toDropped)
}

/** Archives of a family that are no shard's of it. */
function refuseArchives(
  { viewed: { view } }: AlteredFamily,
  archives: readonly (FoundArchive | UnreadArchive)[],
): FamilyAdoption['refused'] {
  return archives.flatMap((one) => {
    if (one.type === 'unread') {
      const isOwn = view.naming.parse(one.table) !== null
      return isOwn ? [{ table: one.table, why: `The archive ${one.address} is left out: ${one.why}.` }] : []
    }
    if (one.shard.family !== view.family.name || one.database !== view.family.database) return []
    const why = refuseArchive(view, one)
    return why === null
      ? []
      : [{ table: one.shard.table, why: `The archive ${one.archive.address} is left out: ${why}.` }]
  })
}

/** The template's text as the file has it: what the adopted shards are like. */
function firstRecord({ viewed: { view } }: AlteredFamily, version: number): FamilyRecord {
  const { name, template } = view.family
  return { family: name, version, template: template.text, checksum: template.checksum, lastSuccessAt: null }
}

function toAdopted({ table, key, hold, state }: ShardRecord): AdoptedTable {
  if (state === 'dropped') return { table, key, state }
  return hold === null ? { table, key, state: 'live' } : { table: hold.table, key, state: 'held' }
}

function refuseDrifted({ shards, alterations, fingerprint }: AlteredFamily): FamilyAdoption['refused'] {
  const drifted = shards.filter((one) => isUnknown(one) && one.fingerprint !== fingerprint)
  return drifted.map(({ shard: { table } }) => {
    const group = alterations.groups.find(({ tables }) => tables.includes(table))
    const differences = group?.differences.map((one) => describeDifference(one)) ?? []
    const what = differences.length === 0 ? 'is not like its template' : differences.join('; ')
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
