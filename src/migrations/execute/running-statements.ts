import type { Emit, RunEvent } from '../../command/event.ts'
import type { Holder } from '../../core/holder.ts'
import { percentOf, type StatementProgress, timeLeft } from '../../core/progress.ts'

type AtStatement = Omit<Extract<RunEvent, { readonly type: 'statement-started' }>, 'type'>

/** Milliseconds after which it matters how far a statement is. */
const longStatement = 10_000

const advice =
  'The server does not show the progress of statements: the consumer `events_stages_current` is disabled. An administrator can enable it with ' +
  "`UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_stages_current'`."

/** Receives repeated observations of one statement while it runs. */
export interface StatementReports {
  readonly blocked: (by: readonly Holder[], attempt: number) => void
  /** Absent for a statement whose progress no server counts. */
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
