import type { AcceptedHazard } from '../core/migration.ts'
import type { ServerAnswer } from '../sql/algorithm-question.ts'
import type { Statement } from '../sql/statement.ts'
import type { KnownTables } from '../sql/table-state.ts'
import type { Token } from '../sql/tokens.ts'

/**
 * - `destructive` removes or narrows data (DROP, TRUNCATE, narrowing MODIFY, DELETE/UPDATE without WHERE)
 * - `blocking`    blocks writes or reads of other sessions while it runs
 * - `rebuilding`  copies the table, without blocking writes
 * - `unresumable` if it is interrupted, it cannot be determined whether it ran
 * - `advisory`    loses nothing, but may fail on existing rows, break running code, or weaken the table or the server
 */
type HazardKind = 'destructive' | 'blocking' | 'rebuilding' | 'unresumable' | 'advisory'

/** A danger of a statement. `code` is stable: `--allow` and `-- wwdb:accept` name it. */
export interface Hazard {
  readonly code: string
  readonly kind: HazardKind
  readonly why: string
  /** What to do instead, or how to accept it. */
  readonly instead: string
  readonly file: string
  readonly line: number
  readonly statement: string
  /** The accepting header's reason, or null. */
  readonly accepted: string | null
}

/** Destructive and blocking hazards stop a run until they are allowed; the others are only shown. */
export function stopsRun(hazard: Hazard): boolean {
  return hazard.kind === 'destructive' || hazard.kind === 'blocking'
}

/** What is known about the state before a statement. All but `accepted` may be missing: then its text alone decides. */
export interface HazardContext {
  /** The accepting headers of the statement's file. */
  readonly accepted: readonly AcceptedHazard[]
  /** Tables as they will be when the statement runs (`followTables`). */
  readonly tables?: KnownTables
  /** False where the file may have set an sql_mode that truncates values; true by default. */
  readonly strict?: boolean
  /** `8.0.12` */
  readonly serverVersion?: string
  /** Tables that a later statement of the plan gives a primary key, by `tableKey`. */
  readonly keyedLater?: ReadonlySet<string>
  /** How the server would execute it; replaces the rules that guess. */
  readonly answer?: ServerAnswer
}

/** Why a rule applies, as sentences. */
export interface Finding {
  readonly why: string
  readonly instead: string
}

/** A rule that finds one kind of hazard. */
export interface HazardRule {
  /** Stable: `--allow` and `-- wwdb:accept` name it. */
  readonly code: string
  readonly kind: HazardKind
  /** One line for the documentation. */
  readonly title: string
  readonly find: (tokens: readonly Token[], statement: Statement, context: HazardContext) => readonly Finding[]
}
