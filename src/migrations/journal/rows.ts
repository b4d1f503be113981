import type { RecordChange } from '../../ddl/recorded-schema.ts'
import type { BatchProgress } from '../../operate/batches/walk-table.ts'
import type { ObjectName, StatementClass } from '../../sql/statement.ts'
import type { RecordedRuns, RecordMark } from './compare-records.ts'
import type { JournalRow, MissingBefore, Pass, SessionMemory } from './journal.ts'
import type { OwnTable } from './own-tables.ts'

/** The content of one target's journal. */
export interface JournalSnapshot {
  /** False until the journal's tables are created. */
  readonly exists: boolean
  readonly passes: readonly Pass[]
  /** Rows of passes that are not complete, by pass and statement. */
  readonly rows: readonly JournalRow[]
  /** What the first run recorded, e.g. `references`. */
  readonly settings: ReadonlyMap<string, string>
  /** Passes that have fewer rows than their statement numbers require. */
  readonly gaps?: readonly { readonly pass: number; readonly missing: number }[]
  /** What the record of the schema knows about the journal; null where there is no record, absent where it was not read. */
  readonly mark?: RecordMark | null
  /** Read where neither the journal nor the record has anything. */
  readonly runs?: RecordedRuns | null
  /** The wwdb tables of the target; absent where they were not read. */
  readonly tables?: readonly OwnTable[]
  /** For a keyspace, whose wwdb tables are not listed: whether the table of its record exists. */
  readonly hasRecordTable?: boolean
}

/** A row to open: written before its statement runs. A new column of the journal is a member here, with its default in `openRow`. */
export interface RowToOpen {
  readonly pass: number
  readonly statement: number
  readonly version: string
  readonly name: string
  readonly kind: Pass['kind'] | 'setting'
  readonly direction: Pass['direction']
  readonly checksum: string
  readonly total: number
  readonly hash: string
  readonly class: StatementClass | 'module' | 'record' | 'batch'
  readonly summary: string
  readonly objects: readonly ObjectName[]
  readonly fingerprint: string | null
  readonly identity: boolean
  readonly identifiedBy?: 'number' | 'second'
  readonly missing?: readonly MissingBefore[]
  /** Of a definition in a keyspace: the shards of which the fingerprint is. */
  readonly shards?: readonly string[]
  /** Of a batch: where it begins and ends. */
  readonly batch?: BatchProgress
}

/** What every row must say; the rest has a default. */
type RowToFill = Pick<
  RowToOpen,
  'pass' | 'version' | 'name' | 'kind' | 'direction' | 'checksum' | 'class' | 'summary'
> &
  Partial<RowToOpen>

/** A row to open, with the defaults of a row that is one whole pass and names no objects. */
export function openRow(row: RowToFill): RowToOpen {
  return { statement: 0, total: 1, hash: row.checksum, objects: [], fingerprint: null, identity: false, ...row }
}

/** What a closed row remembers of its statement. */
export interface RowToClose {
  readonly pass: number
  readonly statement: number
  readonly milliseconds: number
  readonly rows: number | null
  /** State that later statements of the same session may depend on; null where there is none. */
  readonly memory: SessionMemory | null
}

/** What another tool ran: written closed, with its own time and person. */
export interface AdoptedRow extends RowToOpen {
  /** UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`; null where the other tool does not record it: then the current time is used. */
  readonly at: string | null
  /** Null where the other tool does not record it: then it is the person who adopts. */
  readonly by: string | null
  readonly milliseconds: number
}

export interface SettledRow {
  readonly pass: number
  readonly statement: number
  readonly ran: boolean
  /** Why it did not run to its end where it may have changed something: its row stays, so that this is no change by hand. Absent: the row is removed. */
  readonly failed?: string
}

/** One write to the journal: everything in it is committed together with the data statement that ran before it. */
export interface JournalChange {
  readonly close: readonly RowToClose[]
  readonly open: readonly RowToOpen[]
  readonly fail: readonly { readonly pass: number; readonly statement: number; readonly error: string }[]
  /** Rows that were opened, but whose statement certainly did not run. */
  readonly drop: readonly { readonly pass: number; readonly statement: number }[]
  /** Open rows of an earlier run that were settled: closed where the statement ran, removed where it did not. */
  readonly settle: readonly SettledRow[]
  /** The file was edited after its closed statements before a stopped pass is resumed. */
  readonly amend: { readonly pass: number; readonly total: number; readonly checksum: string } | null
  /** The checkpoints of batches: each is committed with the chunk that ran before it. With `error`, why the chunk behind it failed. */
  readonly batch?: readonly {
    readonly pass: number
    readonly statement: number
    /** `failed` where it is not continued any more. */
    readonly state: 'entered' | 'failed'
    readonly progress: BatchProgress
    readonly error: string | null
  }[]
  /** Rows of another tool's history. */
  readonly adopt?: readonly AdoptedRow[]
  /** Rows that the journal has lost, restored from their copies; rows with the same numbers that did not run are overwritten. */
  readonly rebuild?: readonly AdoptedRow[]
  /** Adopted passes that are to be removed again. */
  readonly forget?: readonly number[]
  /** How foreign keys between databases are created from now on; absent where that does not change. */
  readonly references?: 'logical'
  /** How the server compares the names of tables; absent where the journal has it. */
  readonly names?: string
  /** The new record of the schema; absent where it does not change. */
  readonly record?: RecordChange
}

/** An empty change, to build others from. */
export const noChange: JournalChange = { close: [], open: [], fail: [], drop: [], settle: [], amend: null }

/** A short data statement with its open row. */
export interface QuickStatement extends Pick<RowToOpen, 'pass' | 'statement' | 'objects'> {
  readonly text: string
}
