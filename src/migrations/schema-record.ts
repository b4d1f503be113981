import type { RecordedSchema, TouchedObjects } from '../ddl/recorded-schema.ts'
import type { NeighborSchema, ObjectSnapshot, SnapshotOptions, SnapshotReading } from '../ddl/snapshot.ts'
import type { Pass } from './journal/journal.ts'

/** The schema as the last run left it, and as it is. Implemented by migrations/mysql. */
export interface SchemaRecord {
  /** Makes its table where it is not there. Needs the lock; nothing may be uncommitted. */
  readonly create: () => Promise<void>
  /** Null where nothing was recorded yet. */
  readonly read: () => Promise<RecordedSchema | null>
  /** The passes of the journal that it has copies of. Its table must be there. */
  readonly readCopies: () => Promise<readonly Pass[]>
  /** What these passes of the journal changed, or may have; and what neighbors' statements changed in this schema that their records lack. */
  readonly readTouched: (passes: readonly number[], neighbors: readonly string[]) => Promise<TouchedObjects>
  /** The schema as it is, read on another connection: no migration changes the settings of that. With a neighbor, that one's. */
  readonly readLive: (
    options: SnapshotOptions & { readonly ahead?: ReadonlyMap<string, ObjectSnapshot> },
    neighbor?: NeighborSchema,
  ) => Promise<SnapshotReading>
  /** Tables of the schema on that connection, for `ahead`: those whose texts no statement on another object changes. */
  readonly readAhead: (
    tables: readonly string[],
    options: SnapshotOptions,
  ) => Promise<ReadonlyMap<string, ObjectSnapshot>>
  /** The record of another schema of the server. Null where it has none, and where this user may not write it. */
  readonly readNeighbor: (schema: string) => Promise<RecordedSchema | null>
  /** Whether the runs that wrote these passes did not end well, or are not known: then they were cut off before they recorded the schema. */
  readonly wereCutOff: (passes: readonly number[]) => Promise<boolean>
  /** The rows of tables, as far as they are counted; null where this user may not read them. */
  readonly countRows: (tables: readonly string[], most: number) => Promise<ReadonlyMap<string, number | null>>
  /** Whether no run is under way, or was stopped, in another schema that has a record: what it changes is in its journal behind that. */
  readonly isAtRest: (schema: string) => Promise<boolean>
}
