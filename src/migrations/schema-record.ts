import type { RecordedSchema, TouchedObjects } from '../ddl/recorded-schema.ts'
import type { NeighborSchema, ObjectSnapshot, SnapshotOptions, SnapshotReading } from '../ddl/snapshot.ts'
import type { Pass } from './journal/journal.ts'

/** The schema as the last run left it, and its current state. Implemented by migrations/mysql. */
export interface SchemaRecord {
  /** Creates its table where it does not exist. Needs the lock; nothing may be uncommitted. */
  readonly create: () => Promise<void>
  /** Null where nothing was recorded yet. */
  readonly read: () => Promise<RecordedSchema | null>
  /** The passes of the journal that it has copies of. Its table must be there. */
  readonly readCopies: () => Promise<readonly Pass[]>
  /** What these passes of the journal changed, or may have; and what neighbors' statements changed in this schema that their records lack. */
  readonly readTouched: (passes: readonly number[], neighbors: readonly string[]) => Promise<TouchedObjects>
  /** The current schema, read on another connection, whose settings no migration changes. With a neighbor, that one's. */
  readonly readLive: (
    options: SnapshotOptions & { readonly ahead?: ReadonlyMap<string, ObjectSnapshot> },
    neighbor?: NeighborSchema,
  ) => Promise<SnapshotReading>
  /** Tables of the schema on that connection, for `ahead`: those whose texts no statement on another object changes. */
  readonly readAhead: (
    tables: readonly string[],
    options: SnapshotOptions,
  ) => Promise<ReadonlyMap<string, ObjectSnapshot>>
  /** The record of another schema of the server. Null where it has none, or where this user may not write it. */
  readonly readNeighbor: (schema: string) => Promise<RecordedSchema | null>
  /** Whether the runs that wrote these passes failed, or are unknown: then they were cut off before they recorded the schema. */
  readonly wereCutOff: (passes: readonly number[]) => Promise<boolean>
  /** The rows of tables, as far as they are counted; null where this user may not read them. */
  readonly countRows: (tables: readonly string[], most: number) => Promise<ReadonlyMap<string, number | null>>
  /**
   * Whether no run is in progress, or was stopped, in another schema that has a record: the journal has its changes after the record.
   */
  readonly isAtRest: (schema: string) => Promise<boolean>
}
