import type { Shard } from '../../../domain/shards/shard.ts'
import { shardOf } from '../family-view.ts'
import { holdName } from '../hold-name.ts'
import type { ViewedFamily } from './view-families.ts'
import type { ViewedTarget } from './view-target.ts'

/** A table under a hold name that the registry does not have, and the shard that it is. */
export interface FoundHold {
  readonly table: string
  readonly shard: Shard
  /** The day in its name, in milliseconds. */
  readonly at: number
  /** Why it is not taken for that shard, as a sentence; null where it can be. */
  readonly refusal: string | null
}

const shape = /^_hold_(\d{4})(\d{2})(\d{2})_[0-9a-f]{8}_(.+)$/

/** Reads hold names back. The digest in a name proves it: a name that was cut to fit, or made by hand, is no proof. */
export function findHolds({ classified, families }: ViewedTarget): readonly FoundHold[] {
  return classified.strayHolds.flatMap((table) => {
    const [, year, month, day, name] = shape.exec(table) ?? []
    const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
    if (name === undefined || Number.isNaN(at)) return []
    const owner = families.find(({ view }) => view.naming.parse(name) !== null)
    const key = owner?.view.naming.parse(name) ?? null
    const shard = owner === undefined || key === null ? null : shardOf(owner.view, key)
    if (owner === undefined || shard === null || holdName(shard, at) !== table) return []
    return [{ table, shard, at, refusal: refuse(owner, shard) }]
  })
}

function refuse({ view }: ViewedFamily, { key, table }: Shard): string | null {
  const state = view.records.get(key)?.state ?? 'dropped'
  if (state !== 'dropped') return `The registry has ${table} as ${state}, so this is another table of that shard.`
  return view.tables.has(table) ? `There is a table ${table} beside it: only one of them can be the shard.` : null
}
