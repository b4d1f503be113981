import type { ShardState } from './shard.ts'

/** A table that the registry takes in. */
export interface AdoptedTable {
  readonly table: string
  readonly key: string
  readonly state: Extract<ShardState, 'live' | 'held' | 'dropped'>
}

/** What `shards adopt` makes of the tables of a family. */
export interface FamilyAdoption {
  readonly family: string
  readonly adopted: readonly AdoptedTable[]
  /** Shards that the registry had before. */
  readonly known: number
  /** Tables that look like shards and are left alone, each with a sentence why. */
  readonly refused: readonly { readonly table: string; readonly why: string }[]
}
