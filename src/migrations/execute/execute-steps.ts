import { RunningStatements } from '../../core/progress.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import type { Statement } from '../../sql/statement.ts'
import type { RowToClose, RowToOpen } from '../journal/rows.ts'
import { approveStepCode } from '../plan/approve-code.ts'
import { migrationLabel, stepName } from '../plan.ts'
import type { DataFunction } from '../user-code.ts'
import { type AttemptRequest, type AttemptResult, attemptStatement, withTermination } from './attempt.ts'
import { dependencyFailed, forbidsWriting, moduleFailed, statementFailed } from './failures.ts'
import { JournalBuffer, moduleRow, recordRow } from './journal-buffer.ts'
import { quickKindOf, StatementPipeline } from './pipeline.ts'
import { makeReady } from './ready-statement.ts'
import { replayStatement } from './resume.ts'
import { SessionTrack } from './session-track.ts'
import type { WindowMember } from './window.ts'
import {
  defaultTuning,
  type ExecutionReport,
  type ExecutionRequest,
  type ExecutionTuning,
  StepHooks,
  type StepRun,
  type Work,
  WorkQueue,
} from './work.ts'

/** A finished row waits for its closing write at most this long while others of its window run. */
const longestDelay = 1000

class Stopped extends Error {}

/**
 * Executes the steps of one target on its one connection. The order of writes is what makes a run resumable: a row is open before its statement
 * starts; closing a row and opening the next is one write; a data statement is committed by the write that closes its row. Rows of objects that do not exist yet are opened several at a time (see `isCreation`).
 */
class Execution {
  readonly #request: ExecutionRequest
  readonly #tuning: ExecutionTuning
  readonly #queue: WorkQueue
  readonly #buffer: JournalBuffer
  readonly #pipeline: StatementPipeline
  #track: SessionTrack
  readonly #running: RunningStatements
  /** When the present step began. */
  #started = 0
  #together = 0 // what the step's statements took that went in packets, perhaps before it began
  readonly hooks: StepHooks
  readonly done: string[] = []
  statements = 0

  constructor(request: ExecutionRequest, tuning: ExecutionTuning) {
    this.#request = request
    this.#tuning = tuning
    this.#queue = new WorkQueue(request.runs)
    this.#track = new SessionTrack(request.session)
    this.#running = new RunningStatements(request.emit)
    this.hooks = new StepHooks(request.session.target, request.hooks)
    this.#buffer = new JournalBuffer(request.session, (run, milliseconds) => this.#reportFinished(run, milliseconds))
    this.#pipeline = new StatementPipeline(request, tuning.widestWindow, this.#queue, this.#buffer)
  }

  async run(): Promise<void> {
    for (let work = await this.#queue.shift(); work !== undefined; work = await this.#queue.shift()) {
      await this.#perform(work)
    }
    await this.#writeRecord()
  }

  /** The last write: what waits to be closed, and the record of the schema where one is kept. */
  async #writeRecord(): Promise<void> {
    const record = await this.#request.record?.finish()
    await (record === undefined || record === null ? this.#buffer.flush() : this.#buffer.record(record))
    await this.hooks.reportFinished()
  }

  async #perform(work: Work): Promise<void> {
    switch (work.type) {
      case 'begin':
        return this.#begin(work.run)
      case 'replay':
        return replayStatement(work, this.#request, this.#track)
      case 'statement':
        return this.#statement(work.run, work.statement)
      case 'module':
        return this.#module(work.run, work.script.run)
      case 'record':
        return this.#record(work.run)
      case 'end':
        return this.#end(work.run)
    }
  }

  async #begin(run: StepRun): Promise<void> {
    const { step, resumption } = run
    if (this.#pipeline.isFullyReported) this.#stopIfAsked()
    if (!this.#request.gates.isOpen(step.after)) await this.#waitFor(run)
    await this.hooks.before(run)
    this.#track = SessionTrack.of(this.#request.session, step)
    this.#started = performance.now()
    this.#together = 0
    const { checksum } = step.migration
    if (resumption !== null && (resumption.pass.total !== step.total || resumption.pass.checksum !== checksum)) {
      await this.#buffer.amend(run.pass, Math.max(1, step.total), checksum)
    }
    this.#request.emit({ type: 'step-started', ...this.#at(run), from: step.from, total: step.total })
  }

  async #waitFor(run: StepRun): Promise<void> {
    await this.#buffer.flush()
    const { gates, slots, emit } = this.#request
    emit({ type: 'step-waiting', ...this.#at(run), after: run.step.after })
    slots.give()
    const broken = await gates.wait(run.step.after)
    await slots.take()
    this.#stopIfAsked()
    if (broken === null) return
    throw dependencyFailed(run.step, broken)
  }

  async #statement(run: StepRun, statement: Statement): Promise<void> {
    if (this.#pipeline.isFullyReported) this.#stopIfAsked()
    const ready = await makeReady(this.#request, this.#tuning.classify, this.#track, run, statement, this.#buffer)
    await this.#pipeline.ensureOpen({ run, ready }, this.#track)
    const isQuick = quickKindOf(ready) !== null && this.#track.readsAsScanned
    if (isQuick && (await this.#runTogether({ run, ready }))) return
    const { session } = this.#request
    const work = async (): Promise<StatementOutcome> => {
      if (ready.class === 'call')
        await session.markCallStarted(run.pass, statement.index, ready.objects[0] ?? null, ready.text)
      return session.run(ready.text)
    }
    const { outcome, milliseconds } = await this.#attempt(run, statement.index, ready.summary, statement, work)
    await this.#track.observe(statement, ready.text)
    const memory = await this.#track.remember(statement, outcome)
    await this.#close({ pass: run.pass, statement: statement.index, milliseconds, rows: outcome.rows, memory })
  }

  async #close(row: RowToClose): Promise<void> {
    this.#buffer.closeLater(row)
    if (this.#buffer.isOverdue(longestDelay)) await this.#buffer.flush()
  }

  /**
   * Runs a quick statement, with those after it whose rows are open, in one packet: short INSERTs, a transaction each, or
   * CREATE TABLEs. False when it did not succeed in the packet: run alone it succeeds, or its error is reported.
   */
  async #runTogether(member: WindowMember): Promise<boolean> {
    const { run, ready } = member
    const { source } = ready
    const done = await this.#pipeline.takeOutcome(member, this.#track)
    if (done === null) {
      this.#stopIfAsked() // the second Ctrl-C killed it: it is not run again
      return false
    }
    this.#buffer.markTried(run.pass, source.index)
    const at = { ...this.#at(run), statement: source.index, total: run.step.total, summary: ready.summary }
    this.statements += 1
    this.#request.emit({ type: 'statement-started', ...at })
    const { rows, milliseconds } = done
    this.#together += milliseconds
    this.#request.emit({ type: 'statement-finished', ...at, milliseconds, rows, warnings: done.warnings })
    await this.#track.observe(source, ready.text)
    if (ready.class === 'definition')
      await this.#close({ pass: run.pass, statement: source.index, milliseconds, rows, memory: null })
    return true
  }

  async #module(run: StepRun, migrate: DataFunction): Promise<void> {
    this.#stopIfAsked()
    await this.#buffer.open([moduleRow(run)])
    this.#track.expectAnyChange()
    const { session, stop } = this.#request
    const approve = approveStepCode(run.step, this.#request)
    const { milliseconds, outcome } = await withTermination(stop, (soon) =>
      this.#attempt(run, 0, moduleRow(run).summary, null, () => session.runModule(migrate, soon, approve)),
    )
    this.#buffer.closeLater({ pass: run.pass, statement: 0, milliseconds, rows: outcome.rows, memory: null })
  }

  async #record(run: StepRun): Promise<void> {
    await this.#buffer.open([recordRow(run)])
    this.#buffer.markTried(run.pass, 0)
    this.#buffer.closeLater({ pass: run.pass, statement: 0, milliseconds: 0, rows: null, memory: null })
  }

  async #end(run: StepRun): Promise<void> {
    this.#buffer.finish(run, Math.max(performance.now() - this.#started, this.#together))
    const leftovers = this.#track.leftovers()
    // What the last step leaves to be closed is closed together with the record of the schema.
    const isLast = this.#request.runs.at(-1) === run
    const isAwaited = this.#request.gates.isAwaited(stepName(run.step)) || (this.hooks.isOn && !isLast)
    const waits = this.#buffer.hasRowsToClose || isLast
    if (!waits || leftovers !== null || isAwaited) await this.#buffer.flush()
    await this.hooks.reportFinished()
    if (leftovers !== null) await this.#request.session.restoreSession(leftovers)
  }

  async #attempt(
    run: StepRun,
    index: number,
    summary: string,
    statement: Statement | null,
    work: () => Promise<StatementOutcome>,
  ): Promise<{ readonly outcome: StatementOutcome; readonly milliseconds: number }> {
    const { session, stop, emit, statementTimeout } = this.#request
    const at = { ...this.#at(run), statement: index, total: run.step.total, summary }
    if (statement?.class !== 'data') this.#request.record?.forgetAhead()
    emit({ type: 'statement-started', ...at })
    const reports = this.#running.follow(at, statement?.class === 'definition')
    const result = await this.#try({ session, stop, statementTimeout, work, ...reports }, run, index, statement)
    const row = this.#buffer.markTried(run.pass, index)
    if (result.type === 'failed') {
      const error = statementFailed({ target: session.target, step: run.step, index, summary, statement }, result)
      if (result.failure.type !== 'lost') await this.#recordFailure(row, error)
      throw error
    }
    this.statements += 1
    emit({
      type: 'statement-finished',
      ...at,
      milliseconds: result.milliseconds,
      rows: result.outcome.rows,
      warnings: result.outcome.warnings,
    })
    return result
  }

  /** Errors that do not come from the server: a data migration's own error ends the run in order, a defect leaves the row open. */
  async #try(
    request: AttemptRequest,
    run: StepRun,
    index: number,
    statement: Statement | null,
  ): Promise<AttemptResult> {
    try {
      return await attemptStatement(request)
    } catch (thrown) {
      const error = statement === null ? moduleFailed(run.step, request.session.target, thrown) : thrown
      if (error instanceof ToolError && !forbidsWriting(error)) {
        await this.#recordFailure(this.#buffer.markTried(run.pass, index), error)
      }
      throw error
    }
  }

  async #recordFailure(row: RowToOpen | undefined, error: ToolError): Promise<void> {
    await this.#request.session.rollback()
    await this.#buffer.settle(row ?? null, error.faults[0]?.why ?? error.message)
  }

  /** Ends the run: brings the journal exactly to the state of the target. */
  async end(): Promise<void> {
    await this.#pipeline.settle()
    await this.#buffer.settle(null, '')
    await this.#writeRecord()
  }

  /** A step is complete only when its rows are closed on the server. */
  #reportFinished(run: StepRun, milliseconds: number): void {
    const { step } = run
    const statements = step.type === 'record' ? 0 : step.total - step.from
    this.#request.emit({ type: 'step-finished', ...this.#at(run), statements, milliseconds })
    this.done.push(migrationLabel(step.migration))
    this.#request.gates.pass(stepName(step))
    this.hooks.finish(run, milliseconds)
  }

  #stopIfAsked(): void {
    if (this.#request.stop.requested) throw new Stopped()
  }

  #at(run: StepRun) {
    const { version, name } = run.step.migration
    const direction: 'up' | 'down' = run.step.type === 'revert' ? 'down' : 'up'
    return { target: this.#request.session.target, version, name, direction }
  }
}

/** Executes the steps; never throws: the error is in the report, with the steps that were complete before it. */
export async function executeSteps(
  request: ExecutionRequest,
  tuning: ExecutionTuning = defaultTuning,
): Promise<ExecutionReport> {
  const execution = new Execution(request, tuning)
  let error: unknown = null
  let stopped = false
  try {
    await execution.run()
  } catch (thrown) {
    stopped = thrown instanceof Stopped
    error = stopped ? null : thrown
    if (stopped || (thrown instanceof ToolError && !forbidsWriting(thrown)))
      await execution.end().catch((later: unknown) => {
        error ??= later
      })
    await execution.hooks.reportFailed(thrown, stopped)
  }
  return { done: execution.done, statements: execution.statements, stopped, error }
}
