/** How the server carries out an ALTER TABLE: in its dictionary alone, in the table's own files, or by copying the table. */
export type Algorithm = 'INSTANT' | 'INPLACE' | 'COPY'

/** What others may do with the table meanwhile: NONE leaves reads and writes, SHARED reads only, EXCLUSIVE nothing. */
export type LockLevel = 'NONE' | 'SHARED' | 'EXCLUSIVE'

/** How the server carries out a statement, as it answered itself. */
export interface ServerAnswer {
  readonly algorithm: Algorithm
  readonly lock: LockLevel
  /** True when the whole table is written anew. */
  readonly rebuilds: boolean
}

/** One way to run a statement on the copy. Tried in order; the first that the server accepts is the answer. */
export interface Attempt {
  readonly algorithm: Algorithm
  readonly lock: LockLevel
  readonly text: string
}

export interface SourceTable {
  readonly schema: string
  readonly name: string
}

/** One thing to do in the scratch schema, in the order of the statements. */
export type ProbeStep =
  | {
      readonly type: 'ask'
      /** Position in the list of statements that the questions were made from. */
      readonly position: number
      /** File, line and summary: how a note names the statement. */
      readonly subject: string
      readonly table: SourceTable
      /** Tables that its foreign keys refer to, which the server wants to see. */
      readonly references: readonly SourceTable[]
      readonly attempts: readonly Attempt[]
      /** Whether INPLACE would rebuild the table, where the server does not let us look. */
      readonly guessedRebuild: boolean
      /** The table's name afterwards, where the statement changes it. */
      readonly renamed: SourceTable | null
    }
  /** A statement on tables that no earlier one of the plan changes: the server may prepare it, which runs nothing. */
  | { readonly type: 'prepare'; readonly position: number; readonly subject: string; readonly text: string }
  | { readonly type: 'rename'; readonly from: SourceTable; readonly to: SourceTable; readonly text: string }
  /** A SET of the migration that changes how the server answers. */
  | { readonly type: 'session'; readonly text: string; readonly variables: readonly string[] }
  /** Another file begins: its session starts anew. */
  | { readonly type: 'next-file' }

/** All questions of one target. Nothing is created when there are no steps. */
export interface AlgorithmQuestions {
  readonly steps: readonly ProbeStep[]
  /** The scratch schema that stands for a schema of the server. */
  readonly scratchOf: (schema: string) => string
  /** The schema that unqualified names mean. */
  readonly schema: string
  /**
   * Makes the text of SHOW CREATE TABLE fit to create a copy named `name` in a scratch schema; null for a table that
   * cannot be copied or whose engine does not change tables in place (anything but InnoDB).
   */
  readonly adaptCopy: (createTable: string, name: string) => string | null
}
