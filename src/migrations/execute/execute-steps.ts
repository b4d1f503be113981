import { ToolError } from '../../core/tool-error.ts'
import { stepName } from '../plan.ts'
import { dependencyFailed, forbidsWriting, Stopped } from './failures.ts'
import { FastWay } from './fast-way.ts'
import { JournalBuffer } from './journal-buffer.ts'
import { PlainRows, PlainWay, type StepRows } from './plain-way.ts'
import { StepReports } from './reports.ts'
import { replayStatement } from './resume.ts'
import { SessionTrack } from './session-track.ts'
import {
  defaultTuning,
  type ExecutionReport,
  type ExecutionRequest,
  type ExecutionTuning,
  StepHooks,
  type StepRun,
  WorkQueue,
} from './work.ts'

/**
 * Executes the steps of one target on its one connection: the work before a step, its statements (`plain-way.ts`, and `fast-way.ts` where that may
 * help), and the work after it.
 */
class Execution {
  readonly #request: ExecutionRequest
  readonly #queue: WorkQueue
  readonly #rows: StepRows
  /** Null where each statement is sent separately. */
  readonly #fast: FastWay | null
  readonly #plain: PlainWay
  #track: SessionTrack
  readonly hooks: StepHooks
  readonly reports: StepReports

  constructor(request: ExecutionRequest, { classify, widestWindow }: ExecutionTuning) {
    const { session, emit } = request
    const complete = (run: StepRun, milliseconds: number): void => this.#complete(run, milliseconds)
    const queue = new WorkQueue(request.runs)
    const reports = new StepReports(session.target, emit)
    this.#request = request
    this.#queue = queue
    this.#track = new SessionTrack(session)
    this.reports = reports
    this.hooks = new StepHooks(session.target, request.hooks)
    if (session.sendsAlone === true) {
      this.#rows = new PlainRows(session, complete)
      this.#fast = null
    } else {
      const buffer = new JournalBuffer(session, complete)
      this.#rows = buffer
      this.#fast = new FastWay({ request, queue, buffer, reports, widestWindow })
    }
    this.#plain = new PlainWay({ request, rows: this.#rows, reports, classify, shortcut: this.#fast })
  }

  async run(): Promise<void> {
    for (let work = await this.#queue.shift(); work !== undefined; work = await this.#queue.shift()) {
      switch (work.type) {
        case 'begin':
          await this.#begin(work.run)
          break
        case 'replay':
          await replayStatement(work, this.#request, this.#track)
          break
        case 'statement':
          await this.#plain.run(work.run, work.statement, this.#track)
          break
        case 'module':
          await this.#plain.runModule(work.run, work.script.run, this.#track)
          break
        case 'record':
          await this.#plain.record(work.run)
          break
        case 'end':
          await this.#end(work.run)
      }
    }
    await this.#writeRecord()
  }

  async #begin(run: StepRun): Promise<void> {
    const { step, resumption } = run
    this.#plain.stopIfAsked()
    if (!this.#request.gates.isOpen(step.after)) await this.#waitFor(run)
    await this.hooks.before(run)
    this.#track = SessionTrack.of(this.#request.session, step)
    const { checksum } = step.migration
    if (resumption !== null && (resumption.pass.total !== step.total || resumption.pass.checksum !== checksum))
      await this.#rows.write({ amend: { pass: run.pass, total: Math.max(1, step.total), checksum } })
    this.reports.begins(run)
  }

  async #waitFor(run: StepRun): Promise<void> {
    await this.#rows.flush()
    const { gates, slots } = this.#request
    this.reports.waits(run)
    slots.give()
    const broken = await gates.wait(run.step.after)
    await slots.take()
    this.#plain.stopIfAsked()
    if (broken !== null) throw dependencyFailed(run.step, broken)
  }

  async #end(run: StepRun): Promise<void> {
    this.#rows.finish(run, this.reports.milliseconds)
    const leftovers = this.#track.leftovers()
    // Rows that the last step leaves open are closed together with the record of the schema.
    const isLast = this.#request.runs.at(-1) === run
    const isAwaited = this.#request.gates.isAwaited(stepName(run.step)) || (this.hooks.isOn && !isLast)
    const waits = this.#rows.hasRowsToClose || isLast
    if (!waits || leftovers !== null || isAwaited) await this.#rows.flush()
    await this.hooks.reportFinished()
    if (leftovers !== null) await this.#request.session.restoreSession(leftovers)
  }

  /** The last write: what waits to be closed, and the record of the schema where one is kept. */
  async #writeRecord(): Promise<void> {
    const record = await this.#request.record?.finish()
    await (record === undefined || record === null ? this.#rows.flush() : this.#rows.write({ record }))
    await this.hooks.reportFinished()
  }

  /** Ends the run: brings the journal exactly to the state of the target. */
  async end(): Promise<void> {
    await this.#fast?.settle()
    await this.#rows.settle(null, '')
    await this.#writeRecord()
  }

  #complete(run: StepRun, milliseconds: number): void {
    this.reports.complete(run, milliseconds)
    this.#request.gates.pass(stepName(run.step))
    this.hooks.finish(run, milliseconds)
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
  const { done, statements } = execution.reports
  return { done, statements, stopped, error }
}
