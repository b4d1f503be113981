import type { ShardRecord } from './shard.ts'

/** Everything that is recorded about a family, under another name. */
export interface FamilyMove {
  readonly from: string
  readonly to: string
  /** Shards that are recorded under both names, as they will be under the new one. */
  readonly merged: readonly ShardRecord[]
  /** True where the registry has a row of the new name: that of the old one takes its place. */
  readonly isKnown: boolean
}
