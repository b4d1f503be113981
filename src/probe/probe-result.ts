import type { ServerAnswer } from '../ddl/server-answer.ts'
import type { SchemaSnapshot } from '../ddl/snapshot.ts'

/** The server's answer, by the statement's position; null where it could not be asked at all: a note says why. */
export interface ProbeResult {
  readonly answers: ReadonlyMap<number, ServerAnswer> | null
  /** Statements that the server did not carry out on the copies, by position. */
  readonly refusals?: ReadonlyMap<number, ProbeRefusal>
  readonly notes: readonly string[]
  /** The results of other trials; absent where nothing else was tried. */
  readonly trial?: TrialReport
}

/** What a trial did in the scratch schema. */
export interface TrialReport {
  /** Statements that ran there, by position. */
  readonly tried: ReadonlySet<number>
  /** Why others did not run, by position: a clause. */
  readonly untried: ReadonlyMap<number, string>
  /** The scratch schema at the marks. */
  readonly snapshots: ReadonlyMap<string, SchemaSnapshot>
  /** What became of samples, by the mark and their keys; absent where none were tried. */
  readonly samples?: ReadonlyMap<string, ReadonlyMap<string, SampleOutcome>>
  /** Copies for which no row could be made, with the reason as a clause, by their names in lower case; absent where none was to be made. */
  readonly emptyTables?: ReadonlyMap<string, string>
}

/** What a sample did at a mark. */
export type SampleOutcome =
  /** How its tables are read, by EXPLAIN on tables without rows: `users: ref by by_nick`. */
  | { readonly type: 'ran'; readonly reads: string; readonly result?: SampleResult }
  | { readonly type: 'refused'; readonly why: string }
  /** A clause. */
  | { readonly type: 'untried'; readonly why: string }

/**
 * What a sample did with the rows of the copies:
 * - `rows`      what it read; `ranks` has the place of each row by ORDER BY, equal for rows that it leaves in any order, null where that is not known
 * - `affected`  how many rows it changed, and what it leaves: null where that is not known
 * - `removed`   how many rows it removed, and which of a table: null where that is not known
 * - `unjudged`  nothing that could be compared: a clause
 */
export type SampleResult =
  | {
      readonly type: 'rows'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly (string | null)[])[]
      readonly ranks: readonly number[] | null
      /** Whether it has an ORDER BY. */
      readonly isOrdered: boolean
    }
  | { readonly type: 'affected'; readonly rows: number; readonly left: LeftValues | null }
  | { readonly type: 'removed'; readonly rows: number; readonly keys: RemovedKeys | null }
  | { readonly type: 'unjudged'; readonly why: string }

/** The rows that a statement leaves, in the columns that it writes and that are the same in each execution. */
export interface LeftValues {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** The primary keys of the rows that a DELETE removes, and of those that it leaves. */
export interface RemovedKeys {
  readonly columns: readonly string[]
  readonly removed: readonly (readonly (string | null)[])[]
  readonly kept: readonly (readonly (string | null)[])[]
}

/** The server's answer when a statement was tried on an empty copy of its table. */
export interface ProbeRefusal {
  /** Summary, file and line. */
  readonly subject: string
  /** The server's message, with a full stop. */
  readonly why: string
  readonly number: number
  /**
   * True when the refusal is reported; false where the copy is the cause: it differs from its table, or lacks a parent.
   */
  readonly isReported: boolean
  /** True where the server prepared the statement itself, on the existing tables. */
  readonly isPrepared?: boolean
  /** True where it ran in a scratch schema after all statements before it: a refusal there does not depend on rows. */
  readonly isTried?: boolean
}
