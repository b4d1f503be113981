import type { ErrorCode } from '../../core/error-codes.ts'
import type { Holder } from '../../core/event.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import { migrationLabel, stepName } from '../plan.ts'
import type { RowToClose, RowToOpen, StatementOutcome } from '../ports.ts'
import type { DataFunction } from '../user-code.ts'
import { type AttemptRequest, type AttemptResult, attemptStatement, withTermination } from './attempt.ts'
import { dependencyFailed, moduleFailed, statementFailed } from './failures.ts'
import { JournalDesk, moduleRow, recordRow } from './journal-buffer.ts'
import { QuickLane, quickKindOf } from './pipeline.ts'
import { type ReadyStatement, readyStatement } from './ready-statement.ts'
import { replayStatement } from './resume.ts'
import { SessionTrack } from './session-track.ts'
import { StepClock } from './step-clock.ts'
import type { WindowMember } from './window.ts'
import type { ExecutionReport, ExecutionRequest } from './work.ts'
import { type StepRun, type Work, WorkQueue } from './work.ts'

/** A finished row waits for its closing write at most this long while others of its window run. */
const longestDelay = 1000

class Stopped extends Error {}

/**
 * Works off a target's steps on its one connection. The order of writes is the promise: a row is open before its
 * statement starts; closing a row and opening the next is one write; a data statement is committed by the write that
 * closes its row. Rows of objects that do not exist yet are opened several at a time (see `isCreation`).
 */
class Execution {
  readonly #request: ExecutionRequest
  readonly #queue: WorkQueue
  readonly #desk: JournalDesk
  readonly #lane: QuickLane
  #track: SessionTrack
  readonly #clock = new StepClock()
  readonly done: string[] = []
  statements = 0

  constructor(request: ExecutionRequest) {
    this.#request = request
    this.#queue = new WorkQueue(request.runs)
    this.#track = new SessionTrack(request.session)
    this.#desk = new JournalDesk(request.session, (run) => this.#announceFinished(run))
    this.#lane = new QuickLane(request, this.#queue, this.#desk)
  }

  async run(): Promise<void> {
    for (let work = await this.#queue.shift(); work !== undefined; work = await this.#queue.shift()) {
      await this.#perform(work)
    }
    await this.#desk.flush()
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
    const { step } = run
    if (this.#lane.isAllTold) this.#stopIfAsked()
    if (!this.#request.gates.isOpen(step.after)) await this.#waitFor(run)
    this.#track = new SessionTrack(this.#request.session)
    this.#clock.start(run)
    const { resumption } = run
    const { checksum } = step.migration
    if (resumption !== null && (resumption.pass.total !== step.total || resumption.pass.checksum !== checksum)) {
      await this.#desk.amend(run.pass, Math.max(1, step.total), checksum)
    }
    this.#request.emit({ type: 'step-started', ...this.#at(run), from: step.from, total: step.total })
  }

  async #waitFor(run: StepRun): Promise<void> {
    await this.#desk.flush()
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
    if (this.#lane.isAllTold) this.#stopIfAsked()
    const ready = this.#ready(run, statement)
    await this.#lane.reach({ run, ready }, this.#track)
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
    this.#desk.closeLater(row)
    if (this.#desk.isOverdue(longestDelay)) await this.#desk.flush()
  }

  /**
   * A quick statement, with those after it whose rows are open, in one packet: short INSERTs, a transaction each, or
   * CREATE TABLEs. False when it did not get through that way: tried by itself it succeeds, or tells why it does not.
   */
  async #runTogether(member: WindowMember): Promise<boolean> {
    const { run, ready } = member
    const { source } = ready
    const done = await this.#lane.outcomeOf(member, this.#track)
    if (done === null) {
      this.#stopIfAsked() // Ctrl-C, pressed twice, killed it: it is not for us to try it again
      return false
    }
    this.#desk.tried(run.pass, source.index)
    const at = { ...this.#at(run), statement: source.index, total: run.step.total, summary: ready.summary }
    this.statements += 1
    this.#request.emit({ type: 'statement-started', ...at })
    const { rows, warnings, milliseconds } = done
    this.#request.emit({ type: 'statement-finished', ...at, milliseconds, rows, warnings })
    await this.#track.observe(source, ready.text)
    if (ready.class === 'definition')
      await this.#close({ pass: run.pass, statement: source.index, milliseconds, rows, memory: null })
    return true
  }

  async #module(run: StepRun, migrate: DataFunction): Promise<void> {
    this.#stopIfAsked()
    await this.#desk.open([moduleRow(run)])
    this.#track.expectAnything()
    const { session, stop } = this.#request
    const done = await withTermination(stop, (soon) =>
      this.#attempt(run, 0, moduleRow(run).summary, null, () => session.runModule(migrate, soon)),
    )
    this.#desk.closeLater({
      pass: run.pass,
      statement: 0,
      milliseconds: done.milliseconds,
      rows: done.outcome.rows,
      memory: null,
    })
  }

  async #record(run: StepRun): Promise<void> {
    await this.#desk.open([recordRow(run)])
    this.#desk.tried(run.pass, 0)
    this.#desk.closeLater({ pass: run.pass, statement: 0, milliseconds: 0, rows: null, memory: null })
  }

  async #end(run: StepRun): Promise<void> {
    this.#desk.finish(run)
    this.#clock.stop(run)
    const leftovers = this.#track.leftovers()
    if (!this.#desk.hasRowsToClose || leftovers !== null || this.#request.gates.isAwaited(stepName(run.step)))
      await this.#desk.flush()
    if (leftovers !== null) await this.#request.session.restoreSession(leftovers)
  }

  #ready(run: StepRun, statement: Statement): ReadyStatement {
    const { schemas, classify, approve } = this.#request
    if (statement.class !== 'execute' || statement.prepared === null)
      return readyStatement(statement, statement, schemas, this.#track.temporary)
    const text = this.#track.preparedText(statement.prepared)
    const facts = text === null ? { ...statement, class: 'call' as const } : classify(text)
    if (text !== null) approve(statement, facts, text, run.step)
    return readyStatement(statement, facts, schemas, this.#track.temporary)
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
    emit({ type: 'statement-started', ...at })
    const blocked = (by: readonly Holder[], attempt: number): void =>
      emit({ type: 'statement-blocked', ...at, by, attempt })
    const result = await this.#try({ session, stop, statementTimeout, work, blocked }, run, index, statement)
    const row = this.#desk.tried(run.pass, index)
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

  /** What is not the server's doing: a data migration's own error stops the run in order, a defect leaves the row open. */
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
      if (error instanceof ToolError && !leavesRowsOpen.has(error.code)) {
        await this.#recordFailure(this.#desk.tried(run.pass, index), error)
      }
      throw error
    }
  }

  async #recordFailure(row: RowToOpen | undefined, error: ToolError): Promise<void> {
    await this.#request.session.rollback()
    await this.#desk.settle(row ?? null, error.faults[0]?.why ?? error.message)
  }

  /** Nothing more will be run: the journal becomes exactly as far as the target is. */
  async end(): Promise<void> {
    await this.#lane.settle()
    await this.#desk.settle(null, '')
  }

  /** A step is complete only when its rows are closed on the server. */
  #announceFinished(run: StepRun): void {
    const { step } = run
    const milliseconds = this.#clock.take(run)
    const statements = step.type === 'record' ? 0 : step.total - step.from
    this.#request.emit({ type: 'step-finished', ...this.#at(run), statements, milliseconds })
    this.done.push(migrationLabel(step.migration))
    this.#request.gates.pass(stepName(step))
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

/** After these nobody may write: rows that are open stay open, and the next run looks. */
const leavesRowsOpen: ReadonlySet<ErrorCode> = new Set(['CONNECTION_LOST', 'LOCK_LOST'])

/** Works off the steps; never throws: what went wrong is in the report, with what was done before. */
export async function executeSteps(request: ExecutionRequest): Promise<ExecutionReport> {
  const execution = new Execution(request)
  let error: unknown = null
  let stopped = false
  try {
    await execution.run()
  } catch (thrown) {
    stopped = thrown instanceof Stopped
    error = stopped ? null : thrown
    const told = stopped || (thrown instanceof ToolError && !leavesRowsOpen.has(thrown.code))
    if (told)
      await execution.end().catch((later: unknown) => {
        error ??= later
      })
  }
  return { done: execution.done, statements: execution.statements, stopped, error }
}
