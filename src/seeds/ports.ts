import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { Fault } from '../core/tool-error.ts'
import type { ServerPort, Session } from '../migrations/ports.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import type { Governors } from '../operate/governors.ts'
import {
  type DatabaseSeeds,
  isForEnvironment,
  type SeedOutcome,
  type SeedRow,
  type SeedScript,
  type SeedTable,
  type SeedTargetPlan,
  type SeedValue,
} from './seed.ts'
import type { StagedSeed } from './stage-target.ts'

export interface SeedColumn {
  readonly name: string
  /** `information_schema.COLUMNS.DATA_TYPE`, in lower case. */
  readonly type: string
  /** How its values are written in SQL. */
  readonly kind: 'number' | 'text' | 'bytes'
  /** A row that does not give a value for it cannot be inserted. */
  readonly required: boolean
  readonly generated: boolean
  /** ON UPDATE: it changes where another column of its row does. */
  readonly following: boolean
  /** Its default is an expression that may differ for each row, and not the time. */
  readonly computedDefault: boolean
}

/** A unique index that does not identify rows by columns: over the beginning of a column, or over an expression, which is null. */
interface LooseKey {
  readonly name: string
  readonly columns: readonly (string | null)[]
}

/** A table as its server has it. */
export interface SeedTableShape {
  readonly columns: readonly SeedColumn[]
  /** What identifies its rows for the tool: the primary key, or the natural key where there is none. */
  readonly identity: readonly string[]
  /** Columns of its unique keys, without keys over column prefixes or expressions. */
  readonly uniqueKeys: readonly (readonly string[])[]
  readonly looseKeys: readonly LooseKey[]
}

/** A reference as the server resolves it: the value of a column in the row that the key names. */
interface StagedReference {
  readonly column: string
  readonly table: string
  readonly key: readonly string[]
  readonly value: string
}

export interface StagedRow {
  /** By column, without references. */
  readonly cells: ReadonlyMap<string, SeedValue>
  /** The key's values for each reference of the table, in order; null where it is empty or not given. */
  readonly references: readonly (readonly SeedValue[] | null)[]
}

/** The rows that one file has for a table, as the server receives them. */
export interface StagedTable {
  readonly table: string
  readonly shape: SeedTableShape
  /** Columns of the natural key; columns that references fill are listed only in `references`. */
  readonly keyColumns: readonly string[]
  /** Positions of the references that are part of the natural key. */
  readonly keyReferences: readonly number[]
  readonly references: readonly StagedReference[]
  readonly rows: readonly StagedRow[]
}

/** Why the server rejects a value: its own words, and the column where it names one. */
export interface StageFault {
  readonly row: number
  readonly why: string
  readonly column: string | null
}

/** A staged table: its values converted to the columns' own types. */
export interface Stage {
  readonly faults: readonly StageFault[]
  /** For each row, its given values as text; null for NULL. Empty where there are faults. */
  readonly values: readonly ReadonlyMap<string, string | null>[]
  /** Pairs of rows that the columns' collations consider equal, though they are spelled differently. */
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
  /** The value of each reference; null where the row does not exist, or none was named. */
  readonly references: readonly (string | null)[]
  readonly present: PresentRow | null
}

/** What the tool records about a row that it wrote. */
export interface SeedRecord {
  readonly table: string
  readonly identity: Readonly<Record<string, string>>
  /** The natural key in the words of the file. */
  readonly key: Readonly<Record<string, string | null>>
  /** The natural key's columns: a row of this identity with another natural key no longer belongs to the tool. */
  readonly keyColumns: readonly string[]
  readonly file: string
  /** False for a row that existed before: the tool never removes it. */
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

/** Rows that depend on others by a foreign key, and what removing those would do to them. */
export interface DependentRows {
  /** `schema.table` where it is in another schema. */
  readonly table: string
  readonly constraint: string
  readonly rows: number
  readonly effect: 'delete' | 'set-null' | 'refuse'
}

/** A value to write: from a file, or the value of a reference. */
export type WrittenValue = SeedValue | { readonly type: 'stored'; readonly text: string | null }

/**
 * Reads and writes seeded rows through the connection of a session. Writes stay uncommitted until the session's next
 * `writeJournal`, whose fence also protects them. Implemented by seeds/mysql.
 */
export interface SeedStore {
  /** What cannot be seeded there, before it is looked at. */
  readonly refuse: (seeds: Pick<DatabaseSeeds, 'tables'>) => Promise<readonly Fault[]>
  /** What cannot run there. @param resolve puts the names of schemas in place of `{{schema:DATABASE}}` */
  readonly refuseScripts: (
    scripts: readonly SeedScript[],
    resolve: (text: string) => string,
  ) => Promise<readonly Fault[]>
  /** Absent where the table does not exist. */
  readonly describe: (tables: readonly string[]) => Promise<ReadonlyMap<string, SeedTableShape>>
  /** Gives the server the values in temporary tables of the connection, under a number. Writes nothing that others can see. */
  readonly stage: (number: number, table: StagedTable) => Promise<Stage>
  /** Looks up all staged rows, or the given ones. `lock` prevents others from changing them until the end. */
  readonly match: (
    number: number,
    table: StagedTable,
    rows: readonly number[] | null,
    lock: boolean,
  ) => Promise<readonly SeedMatch[]>
  readonly readRecords: () => Promise<readonly SeedRecord[]>
  /** Creates the table of records where it does not exist. Commits; needs the lock. */
  readonly createRecords: () => Promise<void>
  readonly insert: (table: StagedTable, rows: readonly ReadonlyMap<string, WrittenValue>[]) => Promise<void>
  readonly update: (
    table: StagedTable,
    identity: readonly string[],
    values: ReadonlyMap<string, WrittenValue>,
  ) => Promise<void>
  /** The existing rows with these identities. `lock` prevents others from changing them until the end. */
  readonly findRows: (rows: DoomedRows, lock: boolean) => Promise<readonly PresentRow[]>
  /**
   * What depends on rows, directly or through rows that would be removed with them, in every schema that this user may
   * see.
   */
  readonly countDependents: (rows: readonly DoomedRows[]) => Promise<readonly DependentRows[]>
  /**
   * Removes rows, and those that other removed rows reference last. Throws the server's error where a key forbids it.
   */
  readonly remove: (rows: readonly DoomedRows[]) => Promise<void>
  /** True where the table has a row with these values. */
  readonly hasRow: (table: string, shape: SeedTableShape, values: ReadonlyMap<string, SeedValue>) => Promise<boolean>
  readonly writeRecords: (records: readonly SeedRecord[]) => Promise<void>
  readonly forgetRecords: (records: readonly SeedRecord[]) => Promise<void>
  /** Null where the journal's row of a program is committed with its data, or where a program that runs twice leaves the same. */
  readonly programs: ProgramRecords | null
  /** Ends what was read and written since the last commit. */
  readonly rollback: () => Promise<void>
}

/** What says, in the transaction of its data, that a program ran: the journal is committed behind it there, and a run may end in between. */
interface ProgramRecords {
  /** The checksum of the text that ran last, by the name of the program. */
  readonly read: () => Promise<ReadonlyMap<string, string>>
  readonly write: (script: Pick<SeedScript, 'name' | 'file' | 'checksum'>) => Promise<void>
}

/** Seeded rows, on the connection of a session: its `writeJournal` commits what is written there. */
type OpenSeedStore = (session: Session) => SeedStore

export const seedStores = port<OpenSeedStore>('seeds/store')

/** What a seed run is asked to do. */
export interface SeedRequest {
  readonly config: Config
  /** As in the files; databases without seeds are absent. */
  readonly seeds: readonly DatabaseSeeds[]
  readonly servers: ServerPort
  readonly openStore: OpenSeedStore
  readonly emit: Emit
  readonly stop: StopRequest
  /** Asked before seeds of size are written; absent where nothing is bounded. */
  readonly governors?: Governors | null
  /** Files (without their extension) or tables; empty for all. */
  readonly only: readonly string[]
  /** Removes rows that the tool inserted and that are no longer in the files. */
  readonly prune: boolean
  /** False only shows what would be done. */
  readonly write: boolean
  /** False keeps no record of the written rows: rows that belong to no file must not be pruned. Default true. */
  readonly remember?: boolean
  /** The name of the rows' pass in the journal. Default `rows`. */
  readonly pass?: 'rows' | 'administrator'
  /** Checks every plan of a target, and throws where something is wrong with it. */
  readonly object?: (seeding: SeedTarget, plan: SeedTargetPlan) => Promise<void>
  /** Checks what is about to be done; throws to stop it. Called again where the plan has changed under the lock. */
  readonly approve: (plans: readonly SeedTargetPlan[]) => Promise<void>
}

/** One target with everything that its seeding needs. */
export interface SeedTarget {
  readonly target: OpenTarget
  readonly store: SeedStore
  readonly seeds: DatabaseSeeds
  readonly tables: readonly StagedSeed[]
}

export interface SeedReport {
  readonly outcomes: readonly SeedOutcome[]
  /** The first failure, for the exit code; null where there was none. */
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
