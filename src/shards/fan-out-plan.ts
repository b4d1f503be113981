/** What the placeholders of a shard's statements stand for. */
export interface ShardNames {
  readonly table: string
  /** Tables of the same key by family. */
  readonly siblings: ReadonlyMap<string, string>
}

/** Shards of a family that look alike: the server is asked about one of them. */
export interface ShapeGroup {
  /** The largest of them. */
  readonly names: ShardNames
  readonly shards: number
}

/** A shard that has nearly used up its instant changes of columns, beyond which the server writes a table anew. */
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

/** A fan-out as programs read it. */
export interface FanOutDocument extends Omit<FanOutPlan, 'shapes'> {
  readonly shapes: readonly { readonly table: string; readonly shards: number }[]
}

export function toFanOutDocument(plan: FanOutPlan): FanOutDocument {
  const { family, version, total, done, shapes, near, proven } = plan
  return {
    family,
    version,
    total,
    done,
    shapes: shapes.map(({ names, shards }) => ({ table: names.table, shards })),
    near,
    proven,
  }
}
