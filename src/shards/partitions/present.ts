import type { ShardFamily } from '../../core/shard-family.ts'
import { shardOf } from '../family-view.ts'
import type { LiveTable, ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import type { Registry, Shard, ShardRecord } from '../shard.ts'
import { canBePartitioned, type Layout, type PartitionedFamily, pieceOf, readLayout, shardPieces } from './layout.ts'
import type { LivePartitioning } from './live-partitions.ts'

/** A shard that is a partition. */
export interface KeptShard {
  readonly shard: Shard
  readonly layout: Layout
}

/** A shard of which a partition and a table under its hold name exist: an exchange was begun and not ended. */
interface UnsettledShard extends KeptShard {
  readonly record: ShardRecord
  /** The name of that table. */
  readonly beside: string
  /** Which of the two has its rows: the other one counts as not there. */
  readonly place: 'partition' | 'table'
}

/** What a schema has, with partitions that are shards in place of the tables that have them. */
export interface PresentTables {
  readonly tables: readonly LiveTable[]
  /** The tables that have, or may get, partitions of a family; one that is partitioned in another way is missing. */
  readonly layouts: readonly Layout[]
  /** By the shard's name. */
  readonly kept: ReadonlyMap<string, KeptShard>
  readonly unsettled: readonly UnsettledShard[]
}

/** The table with a family's partitions: it has the family's name, or a former one. */
export function wholeOf(family: ShardFamily, has: (table: string) => boolean): string {
  return [family.name, ...(family.formerNames ?? [])].find(has) ?? family.name
}

type PresentStore = Pick<ShardStore, 'listTables' | 'readPartitions' | 'isEmpty' | 'measure'>

/** Reads tables and partitions. One query more than for tables alone, and only where a table has the name of a family. */
export async function readPresent(
  store: PresentStore,
  families: readonly ShardFamily[],
  readRegistry: () => Promise<Registry>,
): Promise<PresentTables> {
  const live = await store.listTables()
  const names = new Set(live.flatMap(({ name, type }) => (type === 'table' ? [name] : [])))
  const has = (name: string): boolean => names.has(name)
  const candidates = families.filter(canBePartitioned).filter((family) => has(wholeOf(family, has)))
  if (candidates.length === 0) return { tables: live, layouts: [], kept: new Map(), unsettled: [] }
  const partitionings = await store.readPartitions(candidates.map((family) => wholeOf(family, has)))
  const kept = new Map<string, KeptShard>()
  const layouts: Layout[] = []
  const wholes = new Set<string>()
  for (const family of candidates) {
    const whole = wholeOf(family, has)
    const layout = tryLayout(family, whole, partitionings.get(whole))
    const found = layout === null ? [] : await findOwn(layout, has, readRegistry)
    for (const one of found) kept.set(one.shard.table, one)
    const isKept = found.length > 0 || family.keeper === 'partition'
    if (layout !== null && isKept) layouts.push(layout)
    if (isKept) wholes.add(whole)
  }
  const unsettled = kept.size === 0 ? [] : await findUnsettled(store, kept, has, readRegistry)
  const hidden = new Set(unsettled.map(({ place, shard, beside }) => (place === 'table' ? shard.table : beside)))
  const partitions = [...kept.values()].map(({ shard, layout }): LiveTable => {
    return { name: shard.table, type: 'table', partitionOf: layout.table }
  })
  const tables = [...live.filter(({ name }) => !wholes.has(name)), ...partitions].filter(
    ({ name }) => !hidden.has(name),
  )
  return { tables, layouts, kept, unsettled }
}

/** A table under a shard's name is that shard. Without the header, a table of the family's name may be anybody's: only recorded partitions are shards. */
async function findOwn(
  layout: Layout,
  has: (table: string) => boolean,
  readRegistry: () => Promise<Registry>,
): Promise<readonly KeptShard[]> {
  const found = readKept(layout).filter(({ shard }) => !has(shard.table))
  if (layout.family.keeper === 'partition' || found.length === 0) return found
  const { shards } = await readRegistry()
  const recorded = new Set(shards.flatMap(({ family, table }) => (family === layout.family.name ? [table] : [])))
  return found.filter(({ shard }) => recorded.has(shard.table))
}

function readKept(layout: Layout): readonly KeptShard[] {
  const { family } = layout
  const naming = namingOf(family)
  return shardPieces(layout).flatMap(({ name }) => {
    const shard = shardOf({ family, naming }, naming.parse(name) ?? '')
    return shard === null ? [] : [{ shard, layout }]
  })
}

/** A table that is partitioned in another way has no shards: what needs one of them says why. */
function tryLayout(family: PartitionedFamily, whole: string, live: LivePartitioning | undefined): Layout | null {
  try {
    return live === undefined || live.method === null ? null : readLayout(family, whole, live)
  } catch {
    return null
  }
}

async function findUnsettled(
  store: PresentStore,
  kept: ReadonlyMap<string, KeptShard>,
  has: (table: string) => boolean,
  readRegistry: () => Promise<Registry>,
): Promise<readonly UnsettledShard[]> {
  const unsettled: UnsettledShard[] = []
  for (const record of (await readRegistry()).shards) {
    const beside = record.hold?.table
    const one = kept.get(record.table)
    if (beside === undefined || one === undefined || one.shard.family !== record.family || !has(beside)) continue
    const place = await findRows(store, one, record, beside)
    if (place !== null) unsettled.push({ ...one, record, beside, place })
  }
  return unsettled
}

/**
 * Where the rows of a shard are: an exchange is one step, so all of them are in one place. Rows of its period that others wrote meanwhile may be in the other.
 */
async function findRows(
  store: PresentStore,
  { shard, layout }: KeptShard,
  record: ShardRecord,
  beside: string,
): Promise<UnsettledShard['place'] | null> {
  switch (record.state) {
    case 'holding':
      return (await store.isEmpty(beside)) ? 'partition' : 'table'
    case 'held':
    case 'archived':
    case 'dropping':
      return 'table'
    case 'restoring':
      return findRestored(store, { shard, layout }, record, beside)
    default:
      return null
  }
}

async function findRestored(
  store: PresentStore,
  { shard, layout }: KeptShard,
  record: ShardRecord,
  beside: string,
): Promise<UnsettledShard['place']> {
  if (await store.isEmpty(beside)) return 'partition'
  if (await store.isEmpty(layout.table, shard.table)) return 'table'
  const expected = record.archive ?? record.seal
  const count = await store.measure(beside)
  return count.rows === expected?.rows && count.checksum === expected.checksum ? 'table' : 'partition'
}

/** True where a partition has exactly the range of its shard. */
export function hasOwnBounds({ shard, layout }: KeptShard): boolean {
  const wanted = pieceOf(layout.family, shard)
  return layout.pieces.some(({ name, from, to }) => name === wanted.name && from === wanted.from && to === wanted.to)
}
