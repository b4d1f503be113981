import { ToolError } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import { viewBatch } from '../../operate/batches/batch-view.ts'
import { type BatchProgress, beginWalk, type WalkEffects, walkTable } from '../../operate/batches/walk-table.ts'
import type { RowToOpen } from '../journal/rows.ts'
import type { AnswerPart, DataFunction, ModuleConnection, ModuleQuery } from '../user-code.ts'
import type { AttemptResult } from './attempt.ts'
import { BatchSession } from './batch-session.ts'
import { CodeChunks } from './code-chunks.ts'
import { forbidsWriting } from './failures.ts'
import {
  type CodeWalk,
  chooseCodeWalk,
  codeChanged,
  refuseBegin,
  refuseUnawaited,
  refuseWithinTransaction,
  sayWhatIsCommitted,
} from './module-walk.ts'
import type { StepRows } from './plain-way.ts'
import type { ReportedStatement, StepReports } from './reports.ts'
import { moduleRow } from './step-rows.ts'
import type { ExecutionRequest, StepRun } from './work.ts'

interface Parts {
  readonly request: ExecutionRequest
  readonly rows: StepRows
  readonly reports: StepReports
  readonly run: StepRun
  /** Throws where a person has asked the run to stop. */
  readonly stopIfAsked: () => void
}

/** Milliseconds between two reports of how far it is. */
const showEvery = 500

/**
 * The batches of a data migration in code. Each chunk is committed by the write of its checkpoint, in the row of the migration; a run that continues calls the function again,
 * and its `batch()` goes on behind the last chunk that is committed. What the code writes outside of its batches is committed at its end, by the write that
 * closes the row, so that it is written once as well: before a batch it is refused.
 */
export class ModuleBatches {
  readonly #parts: Parts
  readonly #at: ReportedStatement
  readonly #row: RowToOpen
  #progress: BatchProgress | null
  /** True once the row has a checkpoint: then it outlives the run. */
  #isBegun = false
  /** Calls of `batch()` in this call of the function. */
  #calls = 0
  /** Rows that the code changed outside of its batches. */
  #outside = 0
  /** True within a transaction of knex outside of the batches. */
  #isInTransaction = false
  #chunks: CodeChunks | null = null
  /** What the last walk has set. */
  #session: BatchSession | null = null
  /** What ended a walk: whatever the code makes of it, the migration ends with it. */
  #ended: { readonly error: unknown } | null = null

  constructor(parts: Parts) {
    const { run } = parts
    this.#parts = parts
    this.#row = moduleRow(run)
    this.#at = { run, index: 0, summary: this.#row.summary }
    this.#progress = run.resumption?.batch?.batch ?? null
  }

  /** @param attempt calls the function, and reports it */
  async run(
    migrate: DataFunction,
    attempt: (work: DataFunction, at: ReportedStatement) => Promise<AttemptResult & { readonly type: 'done' }>,
  ): Promise<void> {
    const { rows, run } = this.#parts
    await this.#open()
    // On shards, the function is the fan-out itself, by which the session knows it.
    const work = run.step.migration.shards === undefined ? this.#around(migrate) : migrate
    try {
      const { milliseconds, outcome } = await attempt(work, this.#at)
      const changed = this.#isBegun ? (this.#progress?.rows ?? 0) + this.#outside : outcome.rows
      await rows.close({ pass: run.pass, statement: 0, milliseconds, rows: changed, memory: null })
    } catch (error) {
      await this.#leave(error)
      throw this.#describe(error)
    }
  }

  #describe(error: unknown): unknown {
    const isCommitted = this.#isBegun && this.#progress !== null && this.#progress.chunks > 0
    if (!isCommitted || this.#progress === null || !(error instanceof ToolError)) return error
    return sayWhatIsCommitted(error, this.#progress, this.#parts.run)
  }

  /** Opens the row of the migration, or takes over that of an earlier run. */
  async #open(): Promise<void> {
    if (this.#progress === null) return this.#parts.rows.open([this.#row])
    await this.#save(this.#progress)
    this.#isBegun = true
  }

  /** The function, with an answer for `batch()`. */
  #around(migrate: DataFunction): DataFunction {
    return async (connection) => {
      this.#calls = 0
      this.#outside = 0
      this.#isInTransaction = false
      const query = (one: ModuleQuery) => this.#answer(connection, one)
      try {
        await migrate({ ...connection, query })
      } catch (error) {
        const cause = this.#ended?.error ?? error
        await this.#chunks?.end()
        throw cause
      }
      if (this.#ended !== null) throw this.#ended.error
      if (this.#chunks === null) return
      await this.#chunks.end()
      throw refuseUnawaited(this.#parts.run)
    }
  }

  /** What stays of batches that did not come to their end: the checkpoint, where a chunk is committed. */
  async #leave(error: unknown): Promise<void> {
    const progress = this.#progress
    if (!this.#isBegun || progress === null || forbidsWriting(error)) return
    const { request, rows } = this.#parts
    const why = error instanceof ToolError ? (error.faults[0]?.why ?? error.message) : null
    await request.session.rollback()
    await this.#session?.restore()
    if (progress.chunks > 0) {
      if (why !== null) await this.#save(progress, why.slice(0, 1000))
    } else if (why !== null) await rows.settle(this.#row, why)
    else await rows.write({ drop: [{ pass: this.#row.pass, statement: 0 }] })
  }

  async *#answer(connection: ModuleConnection, query: ModuleQuery): AsyncGenerator<AnswerPart> {
    if (this.#ended !== null) throw this.#ended.error
    if (query.batch === undefined) {
      yield* this.#pass(connection, query)
      return
    }
    try {
      const { batch } = query
      if (batch.type === 'begin') await this.#begin(query, batch.options)
      else await this.#chunks?.take(connection, batch)
      const parts = this.#chunks === null ? null : await this.#chunks.next(connection)
      if (parts !== null) yield* parts
      else {
        this.#chunks = null
        yield { type: 'header', header: {} }
      }
    } catch (error) {
      this.#ended ??= { error }
      throw error
    }
  }

  async *#pass(connection: ModuleConnection, query: ModuleQuery): AsyncGenerator<AnswerPart> {
    if (this.#chunks !== null) {
      yield* this.#chunks.pass(connection, query)
      return
    }
    if (query.sql === 'BEGIN;') this.#isInTransaction = true
    else if (query.sql === 'COMMIT;' || query.sql === 'ROLLBACK') this.#isInTransaction = false
    for await (const part of connection.query(query)) {
      if (part.type === 'header') this.#outside += Number(part.header['affectedRows'] ?? 0)
      yield part
    }
  }

  /** Begins the walk of a call of `batch()`, or continues it; one that an earlier run completed has no chunks. */
  async #begin(query: ModuleQuery, options: Readonly<Record<string, unknown>>): Promise<void> {
    const { request, run } = this.#parts
    if (this.#isInTransaction) throw refuseWithinTransaction(query.sql)
    if (this.#outside > 0) throw refuseBegin(query.sql)
    const number = this.#calls
    this.#calls += 1
    const digest = checksumOf(JSON.stringify([query.sql, query.bindings]))
    const known = this.#progress?.queries ?? []
    const before = known[number]
    if (before !== undefined && before !== '' && before !== digest) throw codeChanged(run, query.sql)
    const isLast = before !== undefined && number === known.length - 1
    const isDone = isLast && this.#progress?.last?.join() === this.#progress?.end.join()
    if (number < known.length - 1 || isDone) return
    const walk = await chooseCodeWalk(request, run, query.sql, options, isLast ? this.#progress : null)
    // What the code has read is no part of the first chunk, whose session is set outside of a transaction.
    await request.session.rollback()
    const queries = [...known, ...Array.from({ length: Math.max(0, number - known.length) }, () => ''), digest]
    const progress = isLast ? this.#progress : await this.#start(walk, queries)
    if (progress !== null) this.#walk(walk, progress, query.bindings)
  }

  /** The checkpoint of a walk that begins, behind what the walks before it have done; null for a table without rows. */
  async #start(walk: CodeWalk, queries: readonly string[]): Promise<BatchProgress | null> {
    const begun = await beginWalk({ ...walk, effects: this.#effects(walk, null) })
    if (begun === null) return null
    const { rows, chunks, walked, milliseconds } = this.#progress ?? begun
    const progress = { ...begun, queries, rows, chunks, walked, milliseconds }
    await this.#save(progress)
    if (!this.#isBegun) this.#parts.rows.markTried(this.#row.pass, 0)
    this.#isBegun = true
    return progress
  }

  #walk(walk: CodeWalk, from: BatchProgress, bindings: readonly unknown[]): void {
    const { request, run } = this.#parts
    const chunks = new CodeChunks(request, run, walk, bindings)
    const session = new BatchSession(request)
    this.#progress = from
    this.#chunks = chunks
    this.#session = session
    const walking = async (): Promise<void> => {
      await chunks.reach(() => session.prepare())
      const end = await walkTable({ ...walk, effects: this.#effects(walk, chunks) }, from)
      if (end.type === 'failed') throw chunks.describe(end)
      await chunks.reach(() => session.restore())
    }
    chunks.follow(walking())
  }

  #effects(walk: CodeWalk, chunks: CodeChunks | null): WalkEffects {
    const { request, rows, reports, stopIfAsked } = this.#parts
    const { session, governor } = request
    const reach = <T>(work: () => Promise<T>): Promise<T> => (chunks === null ? work() : chunks.reach(work))
    let shown = Number.NEGATIVE_INFINITY
    return {
      ask: (text) => reach(() => session.ask(text)),
      run: (text) => chunks?.offer(text) ?? Promise.reject(new Error('a walk without code has no chunks')),
      save: async (progress) => {
        await reach(() => this.#save(progress))
        if (performance.now() - shown < showEvery) return
        shown = performance.now()
        reports.walked(this.#at, viewBatch(progress, walk.key, walk.estimate))
      },
      rollBack: () => reach(() => session.rollback()),
      between: async () => {
        stopIfAsked()
        await governor?.clear(() => rows.flush())
        stopIfAsked()
      },
      rest: (waits) =>
        new Promise((resolve) => setTimeout(resolve, Math.min(5000, 100 * 2 ** waits) * (0.5 + Math.random()))),
    }
  }

  async #save(progress: BatchProgress, error: string | null = null): Promise<void> {
    const at = { pass: this.#row.pass, statement: 0, state: 'entered' } as const
    await this.#parts.rows.write({ batch: [{ ...at, progress, error }] })
    this.#progress = progress
  }
}
