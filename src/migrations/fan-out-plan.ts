import type { ShardNames } from './plan/shard-names.ts'

/** Shards of a family that look alike: the server is asked about one of them. */
export interface ShapeGroup {
  /** The largest of them. */
  readonly names: ShardNames
  readonly shards: number
}

/** A shard that has nearly used up its instant column changes, after which the server rebuilds the table. */
export interface NearLimit {
  readonly table: string
  readonly used: number
  readonly limit: number
}

/** The shards of an online change, which are changed one after another. Sizes are InnoDB's. */
export interface OnlineShards {
  /** Of all that are to be changed. */
  readonly bytes: number
  readonly largest: { readonly table: string; readonly bytes: number }
}

/** What a migration with `-- wwdb:shards` will do to the shards of its family. */
export interface FanOutPlan {
  readonly family: string
  /** The version that the template gets; null where no shard was ever created. */
  readonly version: number | null
  /** Their tables, which a document of the plan does not have. */
  readonly tables?: readonly string[]
  /** The number of shards, and of those that already have the version. */
  readonly total: number
  readonly done: number
  /** The distinct shapes of the shards to be changed. */
  readonly shapes: readonly ShapeGroup[]
  readonly near: readonly NearLimit[]
  /** Present where a statement of it has `-- wwdb:online`, shards are to be changed, and their sizes are known. */
  readonly online?: OnlineShards
  /** True when a trial showed that the change leads to the template's file. */
  readonly proven: boolean
}
