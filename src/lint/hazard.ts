/**
 * - `destructive` removes or narrows data (DROP, TRUNCATE, narrowing MODIFY, DELETE/UPDATE without WHERE)
 * - `blocking`    keeps others from writing or reading while it runs
 * - `rebuilding`  copies the table, without blocking writes
 * - `unresumable` if it is interrupted, looking cannot tell whether it ran
 * - `advisory`    loses nothing, but may fail on the rows that are there, break code that runs, or weaken the table or the server
 */
export type HazardKind = 'destructive' | 'blocking' | 'rebuilding' | 'unresumable' | 'advisory'

/** What is dangerous about a statement. `code` is stable and is what `--allow` and `-- wwdb:accept` name. */
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

/** Destructive and blocking hazards stop a run until they are allowed; the others are shown. */
export function stopsRun(hazard: Hazard): boolean {
  return hazard.kind === 'destructive' || hazard.kind === 'blocking'
}
