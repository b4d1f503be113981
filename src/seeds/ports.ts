import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { ServerPort, Session } from '../migrations/ports.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import {
  type DatabaseSeeds,
  isForEnvironment,
  type SeedOutcome,
  type SeedRow,
  type SeedTable,
  type SeedTargetPlan,
  type SeedValue,
} from './seed.ts'
import type { StagedSeed } from './stage-target.ts'

export interface SeedColumn {
  readonly name: string
  /** `information_schema.COLUMNS.DATA_TYPE`, in lower case. */
  readonly type: string
  /** How its values are written into SQL. */
  readonly kind: 'number' | 'text' | 'bytes'
  /** A row that does not give it cannot be inserted. */
  readonly required: boolean
  readonly generated: boolean
}

/** A table as its server has it. */
export interface SeedTableShape {
  readonly columns: readonly SeedColumn[]
  /** What distinguishes its rows for the tool: the primary key, or the natural key where there is none. */
  readonly identity: readonly string[]
  /** Columns of its unique keys, those over parts of columns or expressions left out. */
  readonly uniqueKeys: readonly (readonly string[])[]
}

/** A reference as the server resolves it: the value of a column in the row that the key names. */
interface StagedReference {
  readonly column: string
  readonly table: string
  readonly key: readonly string[]
  readonly value: string
}

export interface StagedRow {
  /** By column; references are not among them. */
  readonly cells: ReadonlyMap<string, SeedValue>
  /** For each reference of the table in order: its key's values; null where it is empty or not given. */
  readonly references: readonly (readonly SeedValue[] | null)[]
}

/** The rows that one file has for a table, as the server is given them. */
export interface StagedTable {
  readonly table: string
  readonly shape: SeedTableShape
  /** Columns of the natural key; those that references fill stand among `references` only. */
  readonly keyColumns: readonly string[]
  /** Positions of the references that are part of the natural key. */
  readonly keyReferences: readonly number[]
  readonly references: readonly StagedReference[]
  readonly rows: readonly StagedRow[]
}

/** Why the server does not take a value: its own words, and the column where it says which. */
export interface StageFault {
  readonly row: number
  readonly why: string
  readonly column: string | null
}

/** A table that was staged: what its values come to in the columns' own types. */
export interface Stage {
  readonly faults: readonly StageFault[]
  /** For each row, its given values as text; null for NULL. Empty where there are faults. */
  readonly values: readonly ReadonlyMap<string, string | null>[]
  /** Pairs of rows that the columns' collations take for one, though they are spelled differently. */
  readonly twins: readonly (readonly [number, number])[]
}

/** A row as it is in its table. */
export interface PresentRow {
  /** Values of the shape's identity, as text, in order. */
  readonly identity: readonly string[]
  /** All but generated columns. */
  readonly values: ReadonlyMap<string, string | null>
}

/** What the server has for a staged row. */
export interface SeedMatch {
  readonly row: number
  /** For each reference, the value that it comes to; null where there is no such row, or none was named. */
  readonly references: readonly (string | null)[]
  readonly present: PresentRow | null
}

/** What the tool remembers of a row that it wrote. */
export interface SeedRecord {
  readonly table: string
  readonly identity: Readonly<Record<string, string>>
  /** The natural key in the words of the file. */
  readonly key: Readonly<Record<string, string | null>>
  /** The natural key's columns: a row of this identity with another natural key is no longer ours. */
  readonly keyColumns: readonly string[]
  readonly file: string
  /** False for a row that was there before: the tool never removes it. */
  readonly inserted: boolean
  /** Digests of the values as the tool left them, by column. */
  readonly written: Readonly<Record<string, string>>
}

/** Rows of a table that are to be removed, by the values of its identity. */
export interface DoomedRows {
  readonly table: string
  readonly shape: SeedTableShape
  readonly identities: readonly (readonly string[])[]
}

/** Rows that hang on others by a foreign key, and what their removal would do to them. */
export interface DependentRows {
  /** `schema.table` where it is in another schema. */
  readonly table: string
  readonly constraint: string
  readonly rows: number
  readonly effect: 'delete' | 'set-null' | 'refuse'
}

/** A value to write: a file's, or what a reference came to. */
export type WrittenValue = SeedValue | { readonly type: 'stored'; readonly text: string | null }

/**
 * Reads and writes seeded rows through the connection of a session. Writes stay uncommitted until the session's next
 * `writeJournal`, whose fence is theirs, too. Implemented by seeds/mysql.
 */
export interface SeedStore {
  /** Absent where there is no such table. */
  readonly describe: (tables: readonly string[]) => Promise<ReadonlyMap<string, SeedTableShape>>
  /** Gives the server the values in temporary tables of the connection, under a number. Nothing that others see is written. */
  readonly stage: (number: number, table: StagedTable) => Promise<Stage>
  /** Looks the staged rows up; all of them, or those given. `lock` keeps others from changing what was seen until the end. */
  readonly match: (
    number: number,
    table: StagedTable,
    rows: readonly number[] | null,
    lock: boolean,
  ) => Promise<readonly SeedMatch[]>
  readonly readRecords: () => Promise<readonly SeedRecord[]>
  /** Makes the table of records where there is none. Commits; needs the lock. */
  readonly createRecords: () => Promise<void>
  readonly insert: (table: StagedTable, rows: readonly ReadonlyMap<string, WrittenValue>[]) => Promise<void>
  readonly update: (
    table: StagedTable,
    identity: readonly string[],
    values: ReadonlyMap<string, WrittenValue>,
  ) => Promise<void>
  /** The rows of these identities that are there. `lock` keeps others from changing them until the end. */
  readonly findRows: (rows: DoomedRows, lock: boolean) => Promise<readonly PresentRow[]>
  /** What hangs on rows, directly or through what would be removed with them, in every schema that this user may see. */
  readonly countDependents: (rows: readonly DoomedRows[]) => Promise<readonly DependentRows[]>
  /** Removes rows, those that others of them refer to last. Throws what the server says where a key forbids it. */
  readonly remove: (rows: readonly DoomedRows[]) => Promise<void>
  /** True where the table has a row with these values. */
  readonly hasRow: (table: string, shape: SeedTableShape, values: ReadonlyMap<string, SeedValue>) => Promise<boolean>
  readonly writeRecords: (records: readonly SeedRecord[]) => Promise<void>
  readonly forgetRecords: (records: readonly SeedRecord[]) => Promise<void>
  /** Ends what was read and written since the last commit. */
  readonly rollback: () => Promise<void>
}

/** Seeded rows, on the connection of a session: what is written there is committed by its `writeJournal`. */
type OpenSeedStore = (session: Session) => SeedStore

export const seedStores = port<OpenSeedStore>('seeds/store')

/** What a seed run is asked to do. */
export interface SeedRequest {
  readonly config: Config
  /** As the files have them; databases without any are absent. */
  readonly seeds: readonly DatabaseSeeds[]
  readonly servers: ServerPort
  readonly openStore: OpenSeedStore
  readonly emit: Emit
  readonly stop: StopRequest
  /** Files (without their ending) or tables; empty for all. */
  readonly only: readonly string[]
  /** Removes rows that the tool inserted and that left the files. */
  readonly prune: boolean
  /** False only shows what would be done. */
  readonly write: boolean
  /** False leaves no memory of the rows that are written: what is no file's is not to be pruned. Default true. */
  readonly remember?: boolean
  /** How the journal calls the rows' pass. Default `rows`. */
  readonly pass?: 'rows' | 'administrator'
  /** Looks at every plan of a target, and throws where something stands against it. */
  readonly object?: (seeding: SeedTarget, plan: SeedTargetPlan) => Promise<void>
  /** Looks at what is about to be done; throws to stop it. Called again where it differs under the lock. */
  readonly approve: (plans: readonly SeedTargetPlan[]) => Promise<void>
}

/** One target with all that its seeding needs. */
export interface SeedTarget {
  readonly target: OpenTarget
  readonly store: SeedStore
  readonly seeds: DatabaseSeeds
  readonly tables: readonly StagedSeed[]
}

export interface SeedReport {
  readonly outcomes: readonly SeedOutcome[]
  /** The first thing that went wrong, for the exit code; null when nothing did. */
  readonly error: unknown
}

/** `seeds/user_db/roles.yaml` is `roles`. */
function plainFileName(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.[^.]+$/, '')
}

export function isSelected(only: readonly string[], file: string, table: string | null): boolean {
  return only.length === 0 || only.some((name) => name === plainFileName(file) || name === table)
}

/** Whether a row takes part in this run. */
export function takesPartIn({ only, config }: Pick<SeedRequest, 'only' | 'config'>) {
  return (row: SeedRow, table: SeedTable): boolean =>
    isSelected(only, table.file, table.table) && isForEnvironment(row, config.environment)
}
