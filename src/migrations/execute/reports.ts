import type { Emit } from '../../command/event.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import type { Target } from '../../core/target.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import type { BatchView } from '../../operate/batches/batch-view.ts'
import { RunningStatements, type StatementReports } from './running-statements.ts'
import type { StepRun } from './work.ts'

/** Which statement of a step, as events name it. */
export interface ReportedStatement {
  readonly run: StepRun
  /** From 0. */
  readonly index: number
  readonly summary: string
}

/** What a run reports about the steps and statements of one target, and counts. */
export class StepReports {
  readonly #target: Target
  readonly #emit: Emit
  readonly #running: RunningStatements
  /** When the current step began. */
  #started = 0
  /** The time of the step's own statements that were sent in packets, perhaps before the step began. */
  #inPackets = 0
  /** How long the step has waited for packets, in which statements of other steps ran as well. */
  #waited = 0
  #hasRunAlone = false
  readonly done: string[] = []
  statements = 0

  constructor(target: Target, emit: Emit) {
    this.#target = target
    this.#emit = emit
    this.#running = new RunningStatements(emit)
  }

  /** The time of the current step so far, without that of other steps in its packets: the times of all steps add up to no more than the run took. */
  get milliseconds(): number {
    if (this.#inPackets > 0 && !this.#hasRunAlone) return this.#inPackets
    return Math.max(0, performance.now() - this.#started - this.#waited) + this.#inPackets
  }

  waits(run: StepRun): void {
    this.#emit({ type: 'step-waiting', ...this.#at(run), after: run.step.after })
  }

  begins(run: StepRun): void {
    this.#started = performance.now()
    this.#inPackets = 0
    this.#waited = 0
    this.#hasRunAlone = false
    this.#emit({ type: 'step-started', ...this.#at(run), from: run.step.from, total: run.step.total })
  }

  /** A step is complete only when its rows are closed on the server. */
  complete(run: StepRun, milliseconds: number): void {
    const { step } = run
    const statements = step.type === 'record' ? 0 : step.total - step.from
    this.#emit({ type: 'step-finished', ...this.#at(run), statements, milliseconds })
    this.done.push(migrationLabel(step.migration))
  }

  /** @param counts true for a definition: of others no server counts how far they are */
  starts(statement: ReportedStatement, counts: boolean): StatementReports {
    const at = this.#atStatement(statement)
    this.#hasRunAlone = true
    this.#emit({ type: 'statement-started', ...at })
    return this.#running.follow(at, counts)
  }

  /** A chunk of a batch is committed. */
  walked(statement: ReportedStatement, batch: BatchView): void {
    const { percent, left } = batch
    this.#emit({ type: 'statement-progress', ...this.#atStatement(statement), stage: 'batch', percent, left, batch })
  }

  ends(statement: ReportedStatement, milliseconds: number, { rows, warnings }: StatementOutcome): void {
    this.statements += 1
    this.#emit({ type: 'statement-finished', ...this.#atStatement(statement), milliseconds, rows, warnings })
  }

  /** A statement that ran in a packet: it has begun and ended when it is reported. @param waited how long its step has waited for the packet */
  ranInPacket(
    statement: ReportedStatement,
    outcome: StatementOutcome & { readonly milliseconds: number },
    waited: number,
  ): void {
    const { milliseconds, rows, warnings } = outcome
    this.#inPackets += milliseconds
    this.#waited += waited
    this.statements += 1
    const at = this.#atStatement(statement)
    this.#emit({ type: 'statement-started', ...at })
    this.#emit({ type: 'statement-finished', ...at, milliseconds, rows, warnings })
  }

  #atStatement({ run, index, summary }: ReportedStatement) {
    const { target, version, name, direction } = this.#at(run)
    return { target, version, name, direction, statement: index, total: run.step.total, summary }
  }

  #at(run: StepRun) {
    const { version, name } = run.step.migration
    const direction: 'up' | 'down' = run.step.type === 'revert' ? 'down' : 'up'
    return { target: this.#target, version, name, direction }
  }
}
