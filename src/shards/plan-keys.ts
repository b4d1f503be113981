import type { FamilyView } from './family-view.ts'
import { nameSome } from './family-view.ts'
import type { ShardToMake } from './plan.ts'
import { noteVanished } from './plan-periods.ts'
import type { ShardRecord } from './shard.ts'

export interface KeysPlan {
  readonly make: readonly ShardToMake[]
  readonly corrections: readonly ShardRecord[]
  readonly notes: readonly string[]
}

/** Tables to make for a family of keys, and what the registry must learn of keys that went or came back. */
export function planKeys(view: FamilyView, source: string, now: number): KeysPlan {
  const { census, records, present } = view
  if (census === null) return { make: [], corrections: [], notes: [`${source} does not exist yet: no key is known.`] }
  const make = census.present.flatMap((key) => makeForKey(view, key))
  const inUse = [...records.values()].filter(({ state }) => state !== 'dropped')
  const returned = inUse.filter(({ key, goneAt }) => goneAt !== null && present.has(key))
  const gone = inUse.filter(({ key, goneAt }) => goneAt === null && !present.has(key))
  // A source without a single row is more likely the wrong table than the end of all instances.
  const empty = census.present.length + census.deleted.length === 0 && gone.length > 0
  const doubt = `${source} has no row at all, yet there are shards: none of them counts as deleted.`
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
  // Its rows are somewhere: they come back instead.
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
  return [`Keys that were deleted are there again: ${nameSome(returned.map(({ table }) => table))}.`]
}
