import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'

/**
 * How a run ended for one target.
 * - `not-reached` its server could not be used: nothing is known about it, and nothing was done
 * - `blocked`     migrations are left that depend on a database that was not reached; the others are done
 */
export interface TargetOutcome {
  readonly target: Target
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-started' | 'not-reached' | 'blocked'
  /** Steps completed in this run, as `version_name`. */
  readonly done: readonly string[]
  readonly notDone: readonly string[]
  readonly statements: number
  readonly milliseconds: number
  /** Why it failed or was not started; null when it went well. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
  /** Why its work paused for a server or a replica, and for how long. Absent where it never did. */
  readonly pauses?: readonly { readonly why: string; readonly milliseconds: number }[]
  /** The longest time that others waited for a table beside a definition, at most; `why` nobody read it meanwhile. Absent where no definition of an existing table ran. */
  readonly stall?: { readonly table: string; readonly milliseconds: number; readonly why: string | null }
}

/** An answer that is printed as it is: a JSON Schema, a completion script, environment variables. */
interface DocumentResult {
  readonly kind: 'document'
  readonly format: 'json' | 'text'
  readonly content: string
}

/** A program that was run has ended; wwdb exits with its exit `code`. */
interface ProgramResult {
  readonly kind: 'program'
  readonly command: string
  readonly code: number
}

/**
 * The answers of commands by their kind. A capability adds each where it declares it, its type and its view in one file (`commands/*-view.ts`), by
 * `declare module`: nothing here names a capability.
 * @public for capabilities
 */
export interface Answers {
  readonly document: DocumentResult
  readonly program: ProgramResult
}

/** The answer of a command. */
export type Result = Answers[keyof Answers]
