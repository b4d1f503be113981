// Types alone, and without imports: they are published with `wwdb/schema`.

/** What the VSchema of a keyspace says of the keyspace itself. */
interface KeyspaceSnapshot {
  readonly type: 'keyspace'
  readonly name: string
  readonly isSharded: boolean
  /** How vtgate treats foreign keys: `unmanaged`, `managed`, `disallow`. */
  readonly foreignKeyMode: string
}

interface VindexSnapshot {
  readonly type: 'vindex'
  readonly name: string
  /** `xxhash`, `consistent_lookup`, ... */
  readonly kind: string
  /** `from=a; to=b`, sorted; empty without any. */
  readonly params: string
  /** The table that keeps a lookup vindex; empty without one. */
  readonly owner: string
}

/** What it says of one table, which may not exist. */
export interface VschemaTableSnapshot {
  readonly type: 'vschema'
  readonly name: string
  /** Its vindexes, the primary one first, each with its columns as `a, b`. */
  readonly vindexes: readonly { readonly name: string; readonly columns: string }[]
  readonly isSequence: boolean
  /** False where vtgate would not know the shard of a row: a table of a sharded keyspace without a vindex. */
  readonly takesRows: boolean
  /** True where routing rules lead statements on it to another table: what numbers it is not shown then. Absent otherwise. */
  readonly isRouted?: boolean
  /** Where the numbers of a column come from; null without a sequence. The keyspace of the sequence is null where several have one of the name: vtgate does not show which. */
  readonly autoIncrement: {
    readonly column: string
    readonly sequence: { readonly keyspace: string | null; readonly name: string }
  } | null
}

/** A part of a VSchema, compared and recorded like an object of the schema. */
export type VschemaSnapshot = KeyspaceSnapshot | VindexSnapshot | VschemaTableSnapshot
