/** A partition of a table, as the server prints it. */
export interface LivePartition {
  readonly name: string
  /** The bound that its rows are below: `'2026-02-01 00:00:00'`, a number, or MAXVALUE. */
  readonly below: string
}

/** A partition that no shard should have, or that has other rows than its shard's. */
export interface Misplaced {
  readonly family: string
  readonly table: string
  /** Sentences. */
  readonly why: string
}

/** How a table is partitioned. */
export interface LivePartitioning {
  /** `RANGE COLUMNS`, for example; null for a table without partitions. */
  readonly method: string | null
  readonly expression: string
  /** In their order. */
  readonly partitions: readonly LivePartition[]
}
