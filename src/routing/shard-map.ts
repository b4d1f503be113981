/**
 * What an application must know of the sharded tables, as plain JSON: `wwdb shards map` writes it. Readers ignore
 * fields that they don't know; `version` grows when a field that is here changes its meaning.
 */
export interface ShardMap {
  readonly version: 1
  readonly families: readonly ShardMapFamily[]
}

/** A table that exists many times. */
export interface ShardMapFamily {
  /** Unique in its database; and so is `database.name` in the shard map. */
  readonly name: string
  /** The logical database. */
  readonly database: string
  /** What that database is called on the server. */
  readonly schema: string
  /** How a shard is called: `messages_{YYYYMM}`, `contacts_{key}`. */
  readonly pattern: string
  readonly division: ShardMapDivision
  /** The first id of a shard is its period's digits times `factor`; null where ids say nothing of the shard. */
  readonly ids: { readonly factor: number } | null
  /** Keys of the periods that have a table, in order; absent where no server was asked, and for families by key. */
  readonly live?: readonly string[]
}

/** By period, on the clocks of `zone`, or by key. A week is an ISO week. */
export type ShardMapDivision =
  | {
      readonly type: 'period'
      readonly kind: 'day' | 'week' | 'month' | 'quarter' | 'year'
      /** `UTC` or an IANA name. */
      readonly zone: string
    }
  | { readonly type: 'key' }
