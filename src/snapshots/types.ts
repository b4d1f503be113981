export type {
  CodeSnapshot,
  ColumnSnapshot,
  ForeignKeySnapshot,
  ObjectSnapshot,
  PartSnapshot,
  SchemaSnapshot,
  TableSnapshot,
} from '../ddl/snapshot.ts'

export interface SnapshotRequest {
  /** The server and its schema: `mysql://user:password@host:port/schema`. */
  readonly url: string
  /** How the snapshot calls its database. Default: the schema's name. */
  readonly database?: string
  /** Schemas of the same server that foreign keys reference, by the names that the snapshot gives them. */
  readonly neighbors?: Readonly<Record<string, string>>
  /** What is left out besides the tables of wwdb. `table` is the table of a trigger, and null for any other object. */
  readonly leaveOut?: (object: SnapshotObject) => boolean
  /** Milliseconds to wait for the server's answer. Default 10000. */
  readonly connectTimeout?: number
}

/** What an object is called. */
export interface SnapshotObject {
  readonly type: 'table' | 'view' | 'procedure' | 'function' | 'trigger' | 'event'
  readonly name: string
  readonly table: string | null
}

/** One part of a table that differs: a column, an index, an option. */
export interface PartDifference {
  readonly part: string
  readonly name: string
  readonly change: 'missing' | 'extra' | 'differs'
  /** Its definition on the first side, and on the second. */
  readonly wanted: string | null
  readonly found: string | null
}

/** One object that is not the same in two snapshots. */
export interface SchemaDifference {
  /** `keyspace`, `vindex` and `vschema` are parts of the VSchema of a keyspace: of itself, of a vindex, and of a table. */
  readonly type: SnapshotObject['type'] | 'schema' | 'keyspace' | 'vindex' | 'vschema'
  readonly name: string
  /** `missing`: only the first snapshot has it; `extra`: only the second. */
  readonly change: 'missing' | 'extra' | 'differs'
  /** The parts of a table that differ. */
  readonly parts: readonly PartDifference[]
  /** The difference in words. */
  readonly text: string
}
