import type { Emit } from '../../domain/event.ts'
import { migrationLabel } from '../../domain/migration-label.ts'
import { type Step, stepName } from '../../domain/plan.ts'
import type { Statement, StatementFacts } from '../../domain/statement.ts'
import { ToolError } from '../../domain/tool-error.ts'
import type { Gates } from '../gates.ts'
import type { Schemas } from '../placeholders.ts'
import {
  type JournalChange,
  noChange,
  type RowToClose,
  type RowToOpen,
  type Session,
  type StatementOutcome,
  type StopRequest,
} from '../ports.ts'
import { digestDefinitions } from '../settle.ts'
import type { Slots } from '../slots.ts'
import { attemptStatement } from './attempt.ts'
import { statementFailed } from './failures.ts'
import { companionsOf, isQuickWrite, type ReadyStatement, readyStatement } from './ready-statement.ts'
import { moduleRow, recordRow, statementRow } from './rows.ts'
import { SessionTrack } from './session-track.ts'
import { type StepRun, type Work, WorkQueue } from './work.ts'

export interface ExecutionRequest {
  readonly session: Session
  readonly runs: readonly StepRun[]
  readonly schemas: Schemas
  readonly gates: Gates
  readonly slots: Slots
  readonly emit: Emit
  readonly stop: StopRequest
  readonly statementTimeout: number | null
  readonly classify: (text: string) => StatementFacts
  /** Refuses what EXECUTE resolves to when it is a hazard that nobody allowed. */
  readonly approve: (statement: Statement, facts: StatementFacts, text: string, step: Step) => void
}

/** How far a target came. */
export interface ExecutionReport {
  readonly done: readonly string[]
  readonly statements: number
  readonly stopped: boolean
  readonly error: unknown
}

/** Rows opened in one write, at most. */
const widest = 32
/** A finished row waits for its closing write at most this long while others of its window run. */
const longestDelay = 250

class Stopped extends Error {}

/**
 * Works off a target's steps on its one connection. The order of writes is the promise: a row is open before its
 * statement starts; closing a row and opening the next is one write; a data statement is committed by the write that
 * closes its row. Rows of objects that do not exist yet are opened several at a time (see `isCreation`).
 */
class Execution {
  readonly #request: ExecutionRequest
  readonly #queue: WorkQueue
  readonly #opened = new Map<string, RowToOpen>()
  #toClose: RowToClose[] = []
  #finished: StepRun[] = []
  #track: SessionTrack
  #lastWrite = performance.now()
  readonly #stepStarted = new Map<StepRun, number>()
  readonly #stepEnded = new Map<StepRun, number>()
  readonly done: string[] = []
  statements = 0

  constructor(request: ExecutionRequest) {
    this.#request = request
    this.#queue = new WorkQueue(request.runs)
    this.#track = new SessionTrack(request.session)
  }

  async run(): Promise<void> {
    for (let work = await this.#queue.shift(); work !== undefined; work = await this.#queue.shift()) {
      await this.#perform(work)
    }
    await this.#flush()
  }

  async #perform(work: Work): Promise<void> {
    switch (work.type) {
      case 'begin':
        return this.#begin(work.run)
      case 'replay':
        return this.#replay(work)
      case 'statement':
        return this.#statement(work.run, work.statement)
      case 'module':
        return this.#module(work.run, work.script.load)
      case 'record':
        return this.#record(work.run)
      case 'end':
        return this.#end(work.run)
    }
  }

  async #begin(run: StepRun): Promise<void> {
    const { step } = run
    this.#stopIfAsked()
    if (!this.#request.gates.isOpen(step.after)) await this.#waitFor(run)
    this.#track = new SessionTrack(this.#request.session)
    this.#stepStarted.set(run, performance.now())
    const { resumption } = run
    const { checksum } = step.migration
    if (resumption !== null && (resumption.pass.total !== step.total || resumption.pass.checksum !== checksum)) {
      await this.#write({ ...noChange, amend: { pass: run.pass, total: Math.max(1, step.total), checksum } })
    }
    this.#request.emit({ type: 'step-started', ...this.#at(run), from: step.from, total: step.total })
  }

  async #waitFor(run: StepRun): Promise<void> {
    await this.#flush()
    const { gates, slots, emit } = this.#request
    emit({ type: 'step-waiting', ...this.#at(run), after: run.step.after })
    slots.give()
    const broken = await gates.wait(run.step.after)
    await slots.take()
    this.#stopIfAsked()
    if (broken === null) return
    throw new ToolError('DEPENDENCY_FAILED', {
      what: `${stepName(run.step)} was not started`,
      where: { file: run.step.migration.file, database: run.step.migration.database },
      why: `it needs ${broken.name}, which was not completed: ${broken.why}`,
      next: 'Mend that one; the next run goes on here.',
    })
  }

  /** Gives the connection what a closed statement left in the one it ran on. */
  async #replay(work: Work & { readonly type: 'replay' }): Promise<void> {
    const { statement, row } = work
    const { session, schemas } = this.#request
    if (row.memory !== null) await session.restoreMemory(row.memory)
    if (row.class !== 'session') return
    const ready = readyStatement(statement, statement, schemas, this.#track.temporary)
    const assignsOnly =
      statement.class === 'session' &&
      statement.sessionVariables.length === 0 &&
      statement.prepared === null &&
      !/TABLE/.test(statement.verb)
    if (!(assignsOnly && row.memory !== null)) await session.run(ready.text)
    await this.#track.observe(statement, ready.text)
  }

  async #statement(run: StepRun, statement: Statement): Promise<void> {
    this.#stopIfAsked()
    const ready = this.#ready(run, statement)
    if (!this.#opened.has(keyOf(run, statement.index))) await this.#openWindow(run, ready)
    if (isQuickWrite(ready.source) && ready.class === 'data') return this.#writeQuickly(run, ready)
    const { session } = this.#request
    const work = async (): Promise<StatementOutcome> => {
      if (ready.class === 'call') await session.markEntered(run.pass, statement.index)
      return session.run(ready.text)
    }
    const done = await this.#attempt(run, statement.index, ready.summary, statement, work)
    await this.#track.observe(statement, ready.text)
    const memory = await this.#track.remember(statement, done.outcome)
    this.#toClose.push({
      pass: run.pass,
      statement: statement.index,
      milliseconds: done.milliseconds,
      rows: done.outcome.rows,
      memory,
    })
    if (this.#opened.size > 0 && performance.now() - this.#lastWrite > longestDelay) await this.#flush()
  }

  /** A short INSERT goes with the write that closes its row and COMMIT in one packet: one round trip, one transaction. */
  async #writeQuickly(run: StepRun, ready: ReadyStatement): Promise<void> {
    const { session } = this.#request
    const { source } = ready
    const at = { pass: run.pass, statement: source.index }
    await this.#attempt(run, source.index, ready.summary, source, () => session.runAndClose(ready.text, at))
    await this.#track.observe(source, ready.text)
  }

  async #module(run: StepRun, load: () => Promise<(knex: unknown) => Promise<unknown>>): Promise<void> {
    this.#stopIfAsked()
    const migrate = await load()
    await this.#open([moduleRow(run)])
    const { session } = this.#request
    const done = await this.#attempt(run, 0, moduleRow(run).summary, null, () => session.runModule(migrate))
    this.#toClose.push({
      pass: run.pass,
      statement: 0,
      milliseconds: done.milliseconds,
      rows: done.outcome.rows,
      memory: null,
    })
  }

  async #record(run: StepRun): Promise<void> {
    await this.#open([recordRow(run)])
    this.#opened.delete(keyOf(run, 0))
    this.#toClose.push({ pass: run.pass, statement: 0, milliseconds: 0, rows: null, memory: null })
  }

  async #end(run: StepRun): Promise<void> {
    this.#finished.push(run)
    this.#stepEnded.set(run, performance.now())
    const leftovers = this.#track.leftovers()
    const nothingToWrite = this.#toClose.length === 0
    if (nothingToWrite || leftovers !== null || this.#request.gates.isAwaited(stepName(run.step))) await this.#flush()
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

  /** Opens the row of `first`, and of the creations that follow it, in one write. */
  async #openWindow(run: StepRun, first: ReadyStatement): Promise<void> {
    const members: { readonly run: StepRun; readonly ready: ReadyStatement }[] = [{ run, ready: first }]
    const joins = first.class === first.source.class ? companionsOf(first.source) : null
    if (joins !== null) members.push(...(await this.#lookAhead(run, joins)))
    const objects = members.flatMap(({ ready }) => (isSettledByLooking(ready) ? ready.objects : []))
    const definitions = objects.length === 0 ? [] : await this.#request.session.readDefinitions(objects, first.identity)
    let read = 0
    const rows = members.map((member) => {
      if (!isSettledByLooking(member.ready)) return statementRow(member.run, member.ready, null)
      const own = definitions.slice(read, read + member.ready.objects.length)
      read += member.ready.objects.length
      return statementRow(member.run, member.ready, digestDefinitions(member.ready.objects, own))
    })
    await this.#open(rows)
  }

  async #lookAhead(
    run: StepRun,
    joins: (statement: Statement) => boolean,
  ): Promise<readonly { readonly run: StepRun; readonly ready: ReadyStatement }[]> {
    const found: { readonly run: StepRun; readonly ready: ReadyStatement }[] = []
    const { gates, schemas } = this.#request
    let current = run
    for (let distance = 0; found.length < widest - 1; distance += 1) {
      const work = await this.#queue.peek(distance)
      if (work === undefined) break
      if (work.type === 'end' && gates.isAwaited(stepName(current.step))) break
      if (work.type === 'begin' && (work.run.resumption !== null || !gates.isOpen(work.run.step.after))) break
      if (work.type === 'begin') current = work.run
      if (work.type === 'begin' || work.type === 'end') continue
      if (work.type !== 'statement' || !joins(work.statement)) break
      const temporary = work.run === run ? this.#track.temporary : new Set<string>()
      const ready = readyStatement(work.statement, work.statement, schemas, temporary)
      if (ready.class !== work.statement.class) break // on a temporary table
      found.push({ run: work.run, ready })
    }
    return found
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
    const result = await attemptStatement({
      session,
      stop,
      statementTimeout,
      work,
      blocked: (by, attempt) => emit({ type: 'statement-blocked', ...at, by, attempt }),
    })
    const row = this.#opened.get(keyOf(run, index))
    this.#opened.delete(keyOf(run, index))
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

  async #recordFailure(row: RowToOpen | undefined, error: ToolError): Promise<void> {
    await this.#request.session.rollback()
    const why = error.faults[0]?.why ?? error.message
    const fail = row === undefined ? [] : [{ pass: row.pass, statement: row.statement, error: why.slice(0, 1000) }]
    await this.#write({ ...noChange, close: this.#takeClosing(), fail, drop: [...this.#opened.values()] })
    this.#opened.clear()
  }

  /** After a stop between two statements: the journal is exactly as far as the target is. */
  async settleStop(): Promise<void> {
    const close = this.#takeClosing()
    if (close.length > 0 || this.#opened.size > 0)
      await this.#write({ ...noChange, close, drop: [...this.#opened.values()] })
    this.#opened.clear()
  }

  async #open(rows: readonly RowToOpen[]): Promise<void> {
    await this.#write({ ...noChange, close: this.#takeClosing(), open: rows })
    for (const row of rows) this.#opened.set(`${row.pass}/${row.statement}`, row)
  }

  async #flush(): Promise<void> {
    if (this.#toClose.length > 0) await this.#write({ ...noChange, close: this.#takeClosing() })
    else this.#announceFinished()
  }

  #takeClosing(): readonly RowToClose[] {
    const rows = this.#toClose
    this.#toClose = []
    return rows
  }

  async #write(change: JournalChange): Promise<void> {
    await this.#request.session.writeJournal(change)
    this.#lastWrite = performance.now()
    this.#announceFinished()
  }

  /** A step is complete only when its rows are closed on the server. */
  #announceFinished(): void {
    for (const run of this.#finished) {
      const started = this.#stepStarted.get(run) ?? performance.now()
      this.#stepStarted.delete(run)
      const statements = run.step.type === 'record' ? 0 : run.step.total - run.step.from
      this.#request.emit({
        type: 'step-finished',
        ...this.#at(run),
        statements,
        milliseconds: (this.#stepEnded.get(run) ?? performance.now()) - started,
      })
      this.#stepEnded.delete(run)
      this.done.push(migrationLabel(run.step.migration))
      this.#request.gates.pass(stepName(run.step))
    }
    this.#finished = []
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

const keyOf = (run: StepRun, statement: number): string => `${run.pass}/${statement}`

function isSettledByLooking(ready: ReadyStatement): boolean {
  return (ready.class === 'definition' || ready.class === 'account') && ready.objects.length > 0
}

/** Works off the steps; never throws: what went wrong is in the report, with what was done before. */
export async function executeSteps(request: ExecutionRequest): Promise<ExecutionReport> {
  const execution = new Execution(request)
  let error: unknown = null
  let stopped = false
  try {
    await execution.run()
  } catch (thrown) {
    stopped = thrown instanceof Stopped
    if (!stopped) error = thrown
    if (stopped) {
      try {
        await execution.settleStop()
      } catch (later) {
        error = later
      }
    }
  }
  return { done: execution.done, statements: execution.statements, stopped, error }
}
