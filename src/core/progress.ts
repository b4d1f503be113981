import type { Emit, RunEvent } from './event.ts'
import type { Holder } from './holder.ts'

/**
 * How far a server is with a statement:
 * - `known`   by the work that it counts in its present stage; both numbers are its own
 * - `unknown` it counts none for this statement, or does not show it to this account
 * - `unseen`  it keeps no stages of statements
 */
export type StatementProgress =
  | { readonly type: 'known'; readonly stage: string; readonly completed: number; readonly estimated: number }
  | { readonly type: 'unknown' }
  | { readonly type: 'unseen' }

/** Less than this share done, or less time spent, says nothing of the pace. */
const leastShare = 0.01
const leastTime = 1000

/**
 * Milliseconds left at the pace so far; null before a pace can be known, and where nothing is left.
 * @param elapsed milliseconds that `done` took
 */
export function timeLeft(done: number, total: number, elapsed: number): number | null {
  if (done <= 0 || done >= total || elapsed < leastTime || done / total < leastShare) return null
  return Math.round((elapsed * (total - done)) / done)
}

/** Whole percent, never 100 before the end. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 0
  return Math.max(0, Math.min(99, Math.floor((done / total) * 100)))
}

type AtStatement = Omit<Extract<RunEvent, { readonly type: 'statement-started' }>, 'type'>

/** Milliseconds after which it matters how far a statement is. */
const longStatement = 10_000

const advice =
  'The server does not show the progress of statements: the consumer `events_stages_current` is off. An administrator can turn it on with ' +
  "`UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_stages_current'`."

/** Takes what is seen of one statement while it runs, again and again. */
export interface StatementReports {
  readonly blocked: (by: readonly Holder[], attempt: number) => void
  /** Absent for a statement of which no server counts anything. */
  readonly progressed?: (progress: StatementProgress, milliseconds: number) => void
}

/** Reports whom the statements of one database wait for, and how far they are. That its server does not say so is a warning once it matters, and once. */
export class RunningStatements {
  readonly #emit: Emit
  #isAdvised = false

  constructor(emit: Emit) {
    this.#emit = emit
  }

  /** @param counts true for a definition: of others no server counts how far they are */
  follow(at: AtStatement, counts: boolean): StatementReports {
    const blocked: StatementReports['blocked'] = (by, attempt) =>
      this.#emit({ type: 'statement-blocked', ...at, by, attempt })
    return counts ? { blocked, progressed: (...seen) => this.#progress(at, ...seen) } : { blocked }
  }

  #progress(at: AtStatement, progress: StatementProgress, milliseconds: number): void {
    if (progress.type === 'known') {
      const { stage, completed, estimated } = progress
      const left = timeLeft(completed, estimated, milliseconds)
      this.#emit({ type: 'statement-progress', ...at, stage, percent: percentOf(completed, estimated), left })
    } else if (progress.type === 'unseen' && milliseconds > longStatement && !this.#isAdvised) {
      this.#isAdvised = true
      this.#emit({ type: 'warning', target: at.target, message: advice })
    }
  }
}
