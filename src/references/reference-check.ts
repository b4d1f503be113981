/** One end of a foreign key: columns of a table, and where the table is. */
export interface ReferenceEnd {
  /** The logical database; null for a schema that is not in the configuration. */
  readonly database: string | null
  readonly schema: string
  /** host:port */
  readonly server: string
  readonly table: string
  readonly columns: readonly string[]
}

/** A key without a parent, and how many rows have it. Values are as the server prints them, bytes as `0x...`. */
export interface OrphanSample {
  readonly values: readonly string[]
  readonly rows: number
}

/** The result for one foreign key that a migration declares. */
export interface ReferenceCheck {
  readonly name: string
  readonly child: ReferenceEnd
  readonly parent: ReferenceEnd
  /** Where it is declared; `line` counts from 1. */
  readonly file: string
  readonly line: number
  /** `unchecked`: there is nothing to check yet, and `why` says what is missing. */
  readonly state: 'clean' | 'orphaned' | 'unchecked'
  readonly why: string | null
  /** Rows without a parent, and the number of their distinct keys. */
  readonly rows: number
  readonly values: number
  /** The first of these keys, in key order; of shards, in the order of the shards. */
  readonly samples: readonly OrphanSample[]
  /** For a key that a shard template declares: how many shards were checked, and which have orphans. Null for plain tables. */
  readonly shards: ShardsChecked | null
}

interface ShardsChecked {
  readonly checked: number
  readonly orphaned: readonly { readonly table: string; readonly rows: number }[]
}
