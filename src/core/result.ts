import type { ErrorCode } from './error-codes.ts'
import type { Target } from './target.ts'
import type { Fault } from './tool-error.ts'

/**
 * How a run ended for one target.
 * - `not-reached` its server could not be used: nothing is known of it, and nothing was done
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
}

/** An answer that is printed as it is: a JSON Schema, a completion script, environment lines. */
export interface DocumentResult {
  readonly kind: 'document'
  readonly format: 'json' | 'text'
  readonly content: string
}

/** A program that was run has ended; `code` is its exit code, and becomes ours. */
export interface ProgramResult {
  readonly kind: 'program'
  readonly command: string
  readonly code: number
}
