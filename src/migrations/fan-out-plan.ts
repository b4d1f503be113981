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

/** What a migration with `-- wwdb:shards` is going to do to the shards of its family. */
export interface FanOutPlan {
  readonly family: string
  /** The version that the template is given; null where no shard was ever made. */
  readonly version: number | null
  /** Shards in all, and those that are as far already. */
  readonly total: number
  readonly done: number
  /** The distinct shapes of those that are to be changed. */
  readonly shapes: readonly ShapeGroup[]
  readonly near: readonly NearLimit[]
  /** True when the change was tried and makes the template's file. */
  readonly proven: boolean
}
