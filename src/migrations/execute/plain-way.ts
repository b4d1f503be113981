import { ToolError } from '../../core/tool-error.ts'
import type { Statement, StatementFacts } from '../../sql/statement.ts'
import { type JournalChange, noChange, type RowToClose, type RowToOpen } from '../journal/rows.ts'
import { approveStepCode } from '../plan/approve-code.ts'
import type { Session } from '../ports.ts'
import type { DataFunction } from '../user-code.ts'
import { type AttemptRequest, type AttemptResult, attemptStatement, withTermination } from './attempt.ts'
import { BatchWay } from './batch-way.ts'
import { forbidsWriting, moduleFailed, Stopped, sayWhatStays, statementFailed } from './failures.ts'
import { ModuleBatches } from './module-batches.ts'
import { isHeavy, isQuickShardChange, makeReady } from './ready-statement.ts'
import type { ReportedStatement, StepReports } from './reports.ts'
import { retire } from './retire-statement.ts'
import type { StatementReports } from './running-statements.ts'
import type { SessionTrack } from './session-track.ts'
import { makeRows, recordRow, type StatementToOpen } from './step-rows.ts'
import { type Cleared, TableGuard, unguarded } from './table-guard.ts'
import type { ExecutionRequest, StepRun } from './work.ts'

/** The journal rows of one target's steps. The plain ones write each at once; a buffer may close one with the next write. */
export interface StepRows {
  /** True when the row is open on the server and its statement has not been sent yet. */
  readonly isOpen: (pass: number, statement: number) => boolean
  readonly open: (rows: readonly RowToOpen[]) => Promise<void>
  /** The statement was sent: its row is no longer removed when the run ends. Returns the row. */
  readonly markTried: (pass: number, statement: number) => RowToOpen | undefined
  /** The statement ran: closes its row, and commits its changes of data. */
  readonly close: (row: RowToClose) => Promise<void>
  /** Closes what waits to be closed. */
  readonly flush: () => Promise<void>
  /** Any other write, which closes what waits as well. */
  readonly write: (change: Partial<JournalChange>) => Promise<void>
  /** Ends the run: records the statement that failed, removes the rows of statements that were never sent. */
  readonly settle: (failed: RowToOpen | null, why: string) => Promise<void>
  /** All statements of a step ran: it is complete once its rows are closed. */
  readonly finish: (run: StepRun, milliseconds: number) => void
  readonly hasRowsToClose: boolean
}

/** One write a row, when it is due. */
export class PlainRows implements StepRows {
  readonly hasRowsToClose = false
  readonly #session: Session
  /** Called for each step once its rows are closed on the server. */
  readonly finish: StepRows['finish']
  #opened: readonly RowToOpen[] = []

  constructor(session: Session, onComplete: StepRows['finish']) {
    this.#session = session
    this.finish = onComplete
  }

  isOpen = (pass: number, statement: number) => this.#find(pass, statement) !== undefined

  open = async (rows: readonly RowToOpen[]) => {
    await this.write({ open: rows })
    this.#opened = [...this.#opened, ...rows]
  }

  markTried = (pass: number, statement: number) => {
    const row = this.#find(pass, statement)
    this.#opened = this.#opened.filter((one) => one !== row)
    return row
  }

  close = (row: RowToClose) => this.write({ close: [row] })

  flush = async () => {}

  write = (change: Partial<JournalChange>) => this.#session.writeJournal({ ...noChange, ...change })

  settle = async (failed: RowToOpen | null, why: string) => {
    const change = endOf(failed, why, this.#opened)
    this.#opened = []
    if (change !== null) await this.write(change)
  }

  #find(pass: number, statement: number): RowToOpen | undefined {
    return this.#opened.find((row) => row.pass === pass && row.statement === statement)
  }
}

/** The rows that a run leaves and no statement will close; null where there are none. */
export function endOf(
  failed: RowToOpen | null,
  why: string,
  drop: readonly RowToOpen[],
): Partial<JournalChange> | null {
  const fail = failed === null ? [] : [{ pass: failed.pass, statement: failed.statement, error: why.slice(0, 1000) }]
  return fail.length + drop.length > 0 ? { fail, drop } : null
}

/** Statements that need not go the plain way. */
export interface Shortcut {
  /**
   * Runs a statement and reports it, perhaps with others in one packet. False where it declines: then the statement has not run. Its row may be open.
   */
  readonly take: (statement: StatementToOpen, track: SessionTrack) => Promise<boolean>
  /** True when no result is outstanding or still to be reported: only then may the run stop. */
  readonly isFullyReported: boolean
}

/** The parts that a statement passes through. */
interface Parts {
  readonly request: ExecutionRequest
  readonly rows: StepRows
  readonly reports: StepReports
  /** Reads the text that EXECUTE resolves to. */
  readonly classify: (text: string) => StatementFacts
  /** Null where there is none. */
  readonly shortcut: Shortcut | null
}

/**
 * The plain way of a statement: open its row, run it, close its row. The row is on the server before the statement is, and a data statement is committed
 * by the write that closes its row: wherever the run is cut off, the row shows the next run what to check (`recover.ts`). The plain way is correct
 * without the fast one.
 */
export class PlainWay {
  readonly #parts: Parts
  readonly #guard: TableGuard

  constructor(parts: Parts) {
    this.#parts = parts
    this.#guard = new TableGuard(parts)
  }

  async run(run: StepRun, statement: Statement, track: SessionTrack): Promise<void> {
    const { request, rows, classify, shortcut } = this.#parts
    const { session } = request
    const { pass } = run
    const { index } = statement
    // Before its row is opened, where that was not done together with rows before it: a pause leaves nothing to be settled.
    if (isHeavy(statement)) await request.governor?.clear(() => rows.flush())
    this.stopIfAsked()
    const ready = await makeReady(request, classify, track, run, statement, rows)
    if (statement.batch !== undefined) {
      const parts = { ...this.#parts, stopIfAsked: () => this.stopIfAsked() }
      const { milliseconds, rows: changed } = await new BatchWay(parts, { run, ready }).run()
      await rows.close({ pass, statement: index, milliseconds, rows: changed, memory: null })
      return
    }
    const at = { run, index, summary: ready.summary }
    // A change of only the dictionary is sent in a packet first; each of the rest is guarded separately.
    const mayGoInPacket = shortcut !== null && isQuickShardChange(statement)
    const cleared = mayGoInPacket ? null : await this.#awaitTables({ run, ready }, track)
    if (shortcut !== null && (await shortcut.take({ run, ready }, track))) return
    this.stopIfAsked() // the second Ctrl-C may have killed the packet that it was in
    const clear = cleared ?? (await this.#awaitTables({ run, ready }, track))
    if (!rows.isOpen(pass, index)) await rows.open(await makeRows([{ run, ready }], session))
    const { outcome, milliseconds } = await this.#attempt(at, statement, clear, async (lockWait, reports) => {
      if (statement.online !== undefined && request.online !== undefined)
        return this.#watched(clear, () => this.#changeOnline({ run, ready }, track, lockWait, reports))
      if (statement.retire !== undefined && request.retirements !== undefined)
        return this.#watched(clear, () => retire(request.retirements, { session, run, ready, lockWait }))
      if (ready.class === 'call') await session.markCallStarted(pass, index, ready.objects[0] ?? null, ready.text)
      return this.#watched(clear, () => session.run(ready.text, lockWait))
    })
    await track.observe(statement, ready.text)
    const memory = await track.remember(statement, outcome)
    await rows.close({ pass, statement: index, milliseconds, rows: outcome.rows, memory })
  }

  /** A data migration: its function is one statement. */
  async runModule(run: StepRun, migrate: DataFunction, track: SessionTrack): Promise<void> {
    const { request, rows } = this.#parts
    const { session, stop } = request
    await request.governor?.clear(() => rows.flush())
    this.stopIfAsked()
    const batches = new ModuleBatches({ ...this.#parts, run, stopIfAsked: () => this.stopIfAsked() })
    await batches.run(migrate, async (work, at) => {
      track.expectAnyChange()
      const approve = approveStepCode(run.step, request)
      return withTermination(stop, (soon) =>
        this.#attempt(at, null, unguarded, () => session.runModule(work, soon, approve)),
      )
    })
  }

  /** A step that only records. */
  async record(run: StepRun): Promise<void> {
    const { rows } = this.#parts
    await rows.open([recordRow(run)])
    rows.markTried(run.pass, 0)
    await rows.close({ pass: run.pass, statement: 0, milliseconds: 0, rows: null, memory: null })
  }

  /** Throws `Stopped` where a person has asked for it, and all that ran is reported. */
  stopIfAsked(): void {
    const { request, shortcut } = this.#parts
    if (request.stop.requested && (shortcut?.isFullyReported ?? true)) throw new Stopped()
  }

  async #attempt(
    at: ReportedStatement,
    statement: Statement | null,
    { followed, guarded }: Cleared,
    work: (lockWait: number | null, watch: StatementReports) => ReturnType<AttemptRequest['work']>,
  ): Promise<AttemptResult & { readonly type: 'done' }> {
    const { request, rows, reports } = this.#parts
    const { session, stop } = request
    // A REVERT that is canceled cannot begin again.
    const statementTimeout = (statement?.online ?? statement?.reverts) === undefined ? request.statementTimeout : null
    if (statement?.class !== 'data') request.record?.forgetAhead()
    const watch = followed ?? reports.starts(at, statement?.class === 'definition')
    const given = { session, stop, statementTimeout, guarded, ...watch }
    const result = await this.#try({ ...given, work: (lockWait) => work(lockWait, watch) }, at, statement)
    const row = rows.markTried(at.run.pass, at.index)
    if (result.type === 'failed') {
      const { run, index, summary } = at
      const error = statementFailed({ target: session.target, step: run.step, index, summary, statement }, result)
      if (result.failure.type !== 'lost') await this.#recordFailure(row, error)
      throw error
    }
    reports.ends(at, result.milliseconds, result.outcome)
    return result
  }

  /** An attempt of a definition, with how long others waited for its tables. */
  async #watched<T>({ watch }: Cleared, work: () => Promise<T>): Promise<T> {
    const watching = watch?.() ?? null
    try {
      return await work()
    } finally {
      const stall = watching?.end() ?? null
      const { emit, session } = this.#parts.request
      if (stall !== null) emit({ type: 'others-waited', target: session.target, stall })
    }
  }

  /** With `-- wwdb:online`. The guard looks again before the copy takes the place of the table. */
  async #changeOnline(
    member: StatementToOpen,
    track: SessionTrack,
    lockWait: number | null,
    { progressed = () => undefined }: StatementReports,
  ): ReturnType<AttemptRequest['work']> {
    const { request } = this.#parts
    const { session, governor = null } = request
    const { run, ready } = member
    const { index, online } = ready.source
    const [table] = ready.objects
    if (table === undefined || request.online === undefined) throw new Error('an online change names its table')
    const changing = request.online.change({
      ...{ session, lockWait, table, tool: online?.tool ?? null, back: online?.back ?? null },
      text: ready.text,
      governor,
      progressed,
      at: { pass: run.pass, statement: index, version: run.step.migration.version },
      awaitTable: async (copy) => {
        const { held } = await this.#guard.clear(member, track)
        if (held === null) return
        const at = { target: session.target, step: run.step, index, summary: ready.summary, statement: ready.source }
        throw statementFailed(at, { ...held, failure: { ...held.failure, ...(copy !== null && { copy }) } })
      },
    })
    const made = await changing.catch((error: unknown) => sayWhatStays(error, request))
    request.emit({ type: 'online-changed', target: session.target, table: table.name, ...made })
    return { rows: null, warnings: [], lastInsertId: null }
  }

  /** Waits until nobody holds the tables of a definition; where its wait is over and they are still held, its row says so. */
  async #awaitTables(member: StatementToOpen, track: SessionTrack): Promise<Cleared> {
    const { request, rows } = this.#parts
    const { session } = request
    const { run, ready } = member
    const cleared = await this.#guard.clear(member, track)
    this.stopIfAsked()
    const { held } = cleared
    if (held === null) return cleared
    const { index } = ready.source
    if (!rows.isOpen(run.pass, index)) await rows.open(await makeRows([member], session))
    const at = { target: session.target, step: run.step, index, summary: ready.summary, statement: ready.source }
    const error = statementFailed(at, held)
    await this.#recordFailure(rows.markTried(run.pass, index), error)
    throw error
  }

  /** Errors that do not come from the server: a data migration's own error ends the run normally, a defect leaves the row open. */
  async #try(
    request: AttemptRequest,
    { run, index }: ReportedStatement,
    statement: Statement | null,
  ): Promise<AttemptResult> {
    try {
      return await attemptStatement(request)
    } catch (thrown) {
      const isOfCode = statement === null && !(thrown instanceof Stopped)
      const error = isOfCode ? moduleFailed(run.step, request.session.target, thrown) : thrown
      if (error instanceof ToolError && !forbidsWriting(error))
        await this.#recordFailure(this.#parts.rows.markTried(run.pass, index), error)
      throw error
    }
  }

  async #recordFailure(row: RowToOpen | undefined, error: ToolError): Promise<void> {
    await this.#parts.request.session.rollback()
    await this.#parts.rows.settle(row ?? null, error.faults[0]?.why ?? error.message)
  }
}
