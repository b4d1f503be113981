import { type FamilyView, isGone, shardOf } from '../family-view.ts'
import type { ShardListing } from '../listing.ts'
import { toIso } from '../rotation-outcome.ts'
import type { Shard, ShardRecord } from '../shard.ts'

/** All shards of a family: those of the registry, and tables that it does not have. In the order of their keys. */
export function listShards(view: FamilyView, keys: ReadonlySet<string>): readonly ShardListing[] {
  const unregistered = [...keys].filter((key) => !view.records.has(key)).flatMap((key) => shardOf(view, key) ?? [])
  return [...view.records.values(), ...unregistered]
    .toSorted((one, other) => compareKeys(one.key, other.key))
    .map((shard) => toListing(view, shard))
}

/** Numbers by size, periods by time: both sort as text where they are of one length. */
export function compareKeys(one: string, other: string): number {
  if (one.length !== other.length && /^\d+$/.test(one) && /^\d+$/.test(other)) return one.length - other.length
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** One shard as it is on its server, whether or not there is such a table. */
export function toListing(view: Pick<FamilyView, 'target' | 'records' | 'tables'>, shard: Shard): ShardListing {
  const { target, records, tables } = view
  const { family, key, table, from, to } = shard
  const record = records.get(key) ?? null
  const hold = record?.hold ?? null
  return {
    target,
    family,
    key,
    table,
    from: toIso(from),
    to: toIso(to),
    state: stateOf(record, tables.get(table) === 'table'),
    templateVersion: record?.templateVersion ?? null,
    rows: record?.seal?.rows ?? null,
    hold: hold === null ? null : { table: hold.table, until: new Date(hold.until).toISOString() },
    archive: record?.archive?.address ?? null,
    protected: record?.protection?.reason ?? null,
  }
}

function stateOf(record: ShardRecord | null, there: boolean): ShardListing['state'] {
  if (record === null || (isGone(record) && there)) return there ? 'unregistered' : 'missing'
  if ((record.state === 'live' || record.state === 'sealed') && !there) return 'lost'
  return record.state
}
