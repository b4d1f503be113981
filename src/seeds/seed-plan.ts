import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'

/** One column of a row: as it is, and as the seeds want it. */
export interface SeedChange {
  readonly column: string
  /** Null for NULL, or where there is no row yet. Columns whose names tell of secrets show `***`. */
  readonly before: string | null
  readonly after: string | null
  /** The present value is not the one that the tool wrote. */
  readonly byHand: boolean
  /** It stays as it is: the file's policy for values changed by hand. */
  readonly kept: boolean
}

/** What hangs on rows that are about to be removed, by the foreign key that ties it to them. */
interface SeedDependents {
  /** `schema.table` where it is in another schema. */
  readonly table: string
  readonly constraint: string
  readonly rows: number
  readonly effect: 'delete' | 'set-null' | 'refuse'
}

/**
 * What a seed run does, or did, with a row:
 * - `insert`, `update`
 * - `keep`   it was changed by hand, and the policy keeps that
 * - `adopt`  it was there as the seeds want it: the tool remembers it, the row itself is not touched
 * - `delete` the tool had inserted it, and it left the files
 * - `leave`  the same without --prune: it stays
 */
export interface SeedRowChange {
  readonly table: string
  /** The natural key, in the words of the file. */
  readonly key: Readonly<Record<string, string | null>>
  readonly action: 'insert' | 'update' | 'keep' | 'adopt' | 'delete' | 'leave'
  readonly file: string
  /** Null for rows that left the files. */
  readonly line: number | null
  readonly changes: readonly SeedChange[]
}

export interface SeedScriptRun {
  readonly file: string
  /** `changed` runs because its text is another than the one that ran; `same` ran before and does not run again. */
  readonly state: 'new' | 'changed' | 'same'
}

/** What a seed run does to one database. */
export interface SeedTargetPlan {
  readonly target: Target
  readonly rows: readonly SeedRowChange[]
  /** Rows that are as the seeds want them. */
  readonly unchanged: number
  readonly scripts: readonly SeedScriptRun[]
  readonly dependents: readonly SeedDependents[]
}

/** The same with how it went. `planned` wrote nothing, because nobody asked for more. */
export interface SeedOutcome extends SeedTargetPlan {
  readonly state: 'done' | 'nothing-to-do' | 'planned' | 'failed' | 'stopped' | 'not-started' | 'not-reached'
  readonly milliseconds: number
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}
/** A matrix as it is shown for review. */
export interface SeedMatrixDocument {
  readonly database: string
  readonly file: string
  readonly table: string
  readonly down: string
  readonly across: string
  readonly columns: readonly { readonly name: string; readonly label: string | null }[]
  readonly lines: readonly {
    readonly name: string
    readonly label: string | null
    readonly group: string | null
    /** In the order of `columns`. */
    readonly marks: readonly boolean[]
  }[]
}
