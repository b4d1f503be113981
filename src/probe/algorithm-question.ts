import type { Algorithm, LockLevel, SourceTable } from '../ddl/server-answer.ts'
import type { ResultQuestion } from './result-question.ts'
import type { RowsToMake } from './rows/made-row.ts'

/**
 * One way to run a statement on the copy. The ways are tried in order; the first that the server accepts is the answer.
 */
export interface Attempt {
  readonly algorithm: Algorithm
  readonly lock: LockLevel
  readonly text: string
}

/** One step in the scratch schema, in the order of the statements. */
export type ProbeStep =
  | {
      readonly type: 'ask'
      /** Position in the list of statements from which the questions are made. */
      readonly position: number
      /** File, line and summary, with which a note names the statement. */
      readonly subject: string
      readonly table: SourceTable
      /** Tables that its foreign keys reference, which must exist for the server to accept the statement. */
      readonly references: readonly SourceTable[]
      readonly attempts: readonly Attempt[]
      /** Whether INPLACE would rebuild the table, where the server does not show it. */
      readonly guessedRebuild: boolean
      /** The table's name afterwards, where the statement changes it. */
      readonly renamed: SourceTable | null
      /** As in a trial; absent where nothing else of the plan is tried. */
      readonly names?: readonly string[]
    }
  | TrialStep
  /**
   * A statement on tables that no earlier statement of the plan changes: the server can PREPARE it, which executes
   * nothing.
   */
  | { readonly type: 'prepare'; readonly position: number; readonly subject: string; readonly text: string }
  | { readonly type: 'rename'; readonly from: SourceTable; readonly to: SourceTable; readonly text: string }
  /** A SET of the migration that changes the answers of the server. */
  | { readonly type: 'session'; readonly text: string; readonly variables: readonly string[] }
  /** The start of another file, with the pinned session settings. */
  | { readonly type: 'next-file' }

/**
 * A definition that is tried as it is:
 * - `try`     it runs in the scratch schema
 * - `untried` it does not: what it may have changed is unknown from then on
 * - `mark`    the scratch schema is read, after all that `names` needs was copied; the session is as at the beginning of a file
 */
export type TrialStep =
  | {
      readonly type: 'try'
      readonly position: number
      readonly subject: string
      readonly text: string
      /** Every name in the statement, as written and in lower case: objects of these names are copied before it runs. */
      readonly names: readonly string[]
      /** Names in front of a dot, in lower case: it is not run where one of them is a schema. */
      readonly qualifiers: readonly string[]
      /** Names that it creates, changes or removes, in lower case. */
      readonly objects: readonly string[]
      /** Parents of its foreign keys in other schemas. */
      readonly parents: readonly SourceTable[]
      readonly drops: readonly SourceTable[]
      /** Pairs of names, for a statement that renames tables. */
      readonly renames: readonly (readonly [from: SourceTable, to: SourceTable])[]
      /** True for a statement that changes rows: it is not run where a trigger or routine may do what is not taken back. */
      readonly writesRows?: true
    }
  | {
      readonly type: 'untried'
      readonly position: number
      readonly subject: string
      /** Why, as a clause: `it calls a procedure`. */
      readonly why: string
      /** Names that are unknown after it, in lower case; null for everything. */
      readonly objects: readonly string[] | null
    }
  | {
      readonly type: 'mark'
      readonly name: string
      readonly names: readonly string[]
      /** Written into the copies first. */
      readonly rows?: RowsToMake
      /** Tried there, each in a transaction that is rolled back. */
      readonly samples?: readonly SampleStatement[]
    }

/** A statement that a server has seen, as it is tried in the scratch schema. */
export interface SampleStatement {
  readonly key: string
  readonly text: string
  /** As those of a definition. */
  readonly names: readonly string[]
  readonly qualifiers: readonly string[]
  /** Where its result is read; absent where EXPLAIN is. */
  readonly result?: ResultQuestion
}

/** All questions of one target. Nothing is created when there are no steps. */
export interface AlgorithmQuestions {
  readonly steps: readonly ProbeStep[]
  /** The scratch schema that stands for a schema of the server. */
  readonly scratchOf: (schema: string) => string
  /** The schema that unqualified names mean. */
  readonly schema: string
  /**
   * Turns the text of SHOW CREATE TABLE into one that creates a copy named `name` in a scratch schema; null for a table that
   * cannot be copied or whose engine does not change tables in place (anything but InnoDB).
   */
  readonly adaptCopy: (createTable: string, name: string) => string | null
}
