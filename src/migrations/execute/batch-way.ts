import { ToolError } from '../../core/tool-error.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import { viewBatch } from '../../operate/batches/batch-view.ts'
import { chooseKey, type WalkKey } from '../../operate/batches/choose-key.ts'
import type { KeyRange } from '../../operate/batches/key-range.ts'
import { readWalk, type Walk } from '../../operate/batches/read-walk.ts'
import {
  type BatchProgress,
  beginWalk,
  type ChunkOutcome,
  type WalkEffects,
  type WalkEnd,
  walkTable,
} from '../../operate/batches/walk-table.ts'
import { chooseKept } from '../../operate/undo/choose-kept.ts'
import type { RowToOpen } from '../journal/rows.ts'
import { type AttemptResult, attemptStatement } from './attempt.ts'
import { batchFailed, batchRefused, isRowRefused, refusedUndoNext } from './batch-failures.ts'
import { BatchSession } from './batch-session.ts'
import { forbidsWriting } from './failures.ts'
import type { StepRows } from './plain-way.ts'
import type { StepReports } from './reports.ts'
import type { StatementReports } from './running-statements.ts'
import { makeRows, type StatementToOpen } from './step-rows.ts'
import { beginKeeping, continueKeeping, type KeptRows, type UndoKeeper } from './undo-keeper.ts'
import type { ExecutionRequest } from './work.ts'

interface Parts {
  readonly request: ExecutionRequest
  readonly rows: StepRows
  readonly reports: StepReports
  /** Throws where a person has asked the run to stop. */
  readonly stopIfAsked: () => void
}

type Failed = AttemptResult & { readonly type: 'failed' }

/** Kinds of warnings that are kept of all chunks. */
const mostWarnings = 5
/** Milliseconds between two reports of how far it is. */
const showEvery = 500

/**
 * Runs one statement in batches. Its row is opened with the ends of the walk; each chunk is committed by the write of its checkpoint, so that whatever dies, the
 * next run continues behind the last chunk that is committed, and no row is changed twice; the row is closed behind the last chunk.
 */
export class BatchWay {
  readonly #parts: Parts
  readonly #member: StatementToOpen
  readonly #warnings = new Set<string>()
  #failure: Failed | null = null
  #progress: BatchProgress | null = null
  #row: RowToOpen | undefined
  /** Rows of the table, by InnoDB. */
  #estimate = 0
  #watch: StatementReports = { blocked: () => {} }
  /** Null where nothing is kept. */
  #undo: UndoKeeper | null = null

  constructor(parts: Parts, member: StatementToOpen) {
    this.#parts = parts
    this.#member = member
  }

  /** Returns when all chunks are committed; its row is still to be closed. */
  async run(): Promise<StatementOutcome & { readonly milliseconds: number }> {
    const { request, rows, reports } = this.#parts
    const { run, ready } = this.#member
    await rows.flush()
    const { walk, key, kept } = await this.#choose()
    const effects = this.#effects(key, walk)
    const { batch } = ready.source
    const walking = { walk, key, aim: { time: batch?.time ?? 0, rows: batch?.rows ?? null }, effects }
    const begun = this.#standing()
    const first = begun ?? (await beginWalk(walking))
    const progress = first === null ? null : await this.#keep(first, kept, walk)
    await this.#open(progress, begun !== null)
    const at = { run, index: ready.source.index, summary: ready.summary }
    this.#watch = reports.starts(at, false)
    const session = new BatchSession(request)
    try {
      if (progress !== null) {
        await session.prepare(this.#undo !== null)
        this.#progress = progress
        await this.#judge(await walkTable(walking, progress), key)
        await this.#completeUndo(kept)
      }
    } catch (error) {
      await this.#leave(error)
      throw error
    } finally {
      await session.restore()
    }
    const done = this.#progress
    const outcome = { rows: done?.rows ?? 0, warnings: [...this.#warnings], lastInsertId: null }
    const milliseconds = done?.milliseconds ?? 0
    reports.ends(at, milliseconds, outcome)
    return { ...outcome, milliseconds }
  }

  async #choose(): Promise<{ readonly walk: Walk; readonly key: WalkKey; readonly kept: KeptRows | null }> {
    const { session } = this.#parts.request
    const { ready } = this.#member
    const at = { ...this.#member, target: session.target }
    if (ready.class !== 'data')
      throw batchRefused(at, 'It changes temporary tables only, which the next run would not have.')
    const reading = readWalk(ready.text)
    if (reading.type === 'refused') throw batchRefused(at, reading.why)
    const { walk } = reading
    const table = await session.readBatchTable(walk.table)
    if (table === null) throw batchRefused(at, `\`${walk.table.name}\` does not exist.`)
    const standing = this.#standing()
    const into = walk.into === undefined ? null : await session.readBatchTable(walk.into)
    const choice = chooseKey(table, walk, { key: ready.source.batch?.key ?? null }, standing, into)
    if (choice.type === 'refused') throw batchRefused(at, choice.why)
    this.#estimate = table.rows
    const undo = ready.source.batch?.undo
    if (undo === undefined) return { walk, key: choice.key, kept: null }
    const kept = chooseKept({ table, into }, walk, choice.key)
    if (kept.type === 'refused') throw batchRefused(at, kept.why, refusedUndoNext)
    return { walk, key: choice.key, kept: { kept: kept.kept, grace: undo.grace } }
  }

  /** Makes the undo table where rows are to be kept; a batch that goes on keeps them where it began to. */
  async #keep(progress: BatchProgress, kept: KeptRows | null, walk: Walk): Promise<BatchProgress> {
    const { session } = this.#parts.request
    if (kept === null && progress.undo === undefined) return progress
    if (kept === null)
      throw batchRefused(
        { ...this.#member, target: session.target },
        keptBefore,
        'Write the line `-- wwdb:undo` above it again.',
      )
    const { run, ready } = this.#member
    const { version } = run.step.migration
    const direction = run.step.type === 'revert' ? 'down' : 'up'
    const place = { version, direction, statement: ready.source.index } as const
    const made =
      progress.chunks === 0
        ? await beginKeeping(session, place, kept, walk)
        : await continueKeeping(session, progress.undo ?? null, kept, walk)
    if (typeof made === 'string') throw batchRefused({ ...this.#member, target: session.target }, made, refusedUndoNext)
    this.#undo = made
    return { ...progress, undo: made.name }
  }

  /** Committed together with the last checkpoint. */
  async #completeUndo(kept: KeptRows | null): Promise<void> {
    if (this.#undo === null || kept === null || this.#progress === null) return
    await this.#undo.complete(kept.grace)
    await this.#write(this.#progress, null)
  }

  /** Where an earlier run stopped. */
  #standing(): BatchProgress | null {
    const { run, ready } = this.#member
    const row = run.resumption?.batch
    return row?.statement === ready.source.index ? (row.batch ?? null) : null
  }

  async #open(progress: BatchProgress | null, isStanding: boolean): Promise<void> {
    const { request, rows } = this.#parts
    const { run, ready } = this.#member
    const { index } = ready.source
    if (progress !== null && isStanding) return this.#write(progress, null)
    const [row] = await makeRows([this.#member], request.session)
    if (row === undefined) return
    await rows.open([{ ...row, class: 'batch', ...(progress === null ? {} : { batch: progress }) }])
    this.#row = rows.markTried(run.pass, index)
  }

  #effects(key: WalkKey, walk: Walk): WalkEffects {
    const { request, rows, reports, stopIfAsked } = this.#parts
    const { session, governor } = request
    const { run, ready } = this.#member
    const at = { run, index: ready.source.index, summary: ready.summary }
    let shown = Number.NEGATIVE_INFINITY
    return {
      ask: (text) => session.ask(text),
      run: (text, range) => this.#runChunk(text, walk, range),
      save: async (progress) => {
        await this.#write(progress, null)
        this.#progress = progress
        if (performance.now() - shown < showEvery) return
        shown = performance.now()
        reports.walked(at, viewBatch(progress, key, this.#estimate))
      },
      rollBack: () => session.rollback(),
      between: async () => {
        stopIfAsked()
        await governor?.clear(() => rows.flush())
        stopIfAsked()
      },
      rest: (waits) => rest(Math.min(5000, 100 * 2 ** waits) * (0.5 + Math.random())),
    }
  }

  async #runChunk(text: string, walk: Walk, range: KeyRange): Promise<ChunkOutcome> {
    const { session, stop, statementTimeout } = this.#parts.request
    const undo = this.#undo
    const work = () => (undo === null ? session.run(text) : undo.run(text, walk, range))
    const attempt = { session, stop, statementTimeout, work, attempts: 1, ...this.#watch }
    const result = await attemptStatement(attempt)
    if (result.type === 'done') {
      for (const warning of result.outcome.warnings.slice(0, mostWarnings - this.#warnings.size))
        this.#warnings.add(warning)
      return { type: 'done', rows: result.outcome.rows ?? 0 }
    }
    this.#failure = result
    if (result.failure.type === 'lost') throw batchFailed(this.#member, session.target, result, null)
    if (result.failure.type === 'waited') return { type: 'failed', how: 'waited' }
    return { type: 'failed', how: isRowRefused(result.failure) ? 'row' : 'other' }
  }

  /** Throws for a walk that did not come to its end. */
  async #judge(end: WalkEnd, key: WalkKey): Promise<void> {
    this.#progress = end.progress
    if (end.type === 'complete' || this.#failure === null) return
    const { session } = this.#parts.request
    throw batchFailed(
      this.#member,
      session.target,
      { ...this.#failure, attempts: Math.max(1, end.waits) },
      { ...end, keyOf: key },
    )
  }

  /** What is left of a batch that did not come to its end: its checkpoint, or nothing where no chunk was committed. */
  async #leave(error: unknown): Promise<void> {
    if (forbidsWriting(error)) return
    const { request, rows } = this.#parts
    const why = error instanceof ToolError ? (error.faults[0]?.why ?? error.message) : null
    await request.session.rollback()
    const progress = this.#progress
    if (progress !== null && progress.chunks > 0) {
      if (why !== null) await this.#write(progress, why.slice(0, 1000))
      return
    }
    if (this.#row === undefined) return
    if (why !== null) await rows.settle(this.#row, why)
    else await rows.write({ drop: [{ pass: this.#row.pass, statement: this.#row.statement }] })
  }

  #write(progress: BatchProgress, error: string | null): Promise<void> {
    const { run, ready } = this.#member
    const at = { pass: run.pass, statement: ready.source.index, state: 'entered' } as const
    return this.#parts.rows.write({ batch: [{ ...at, progress, error }] })
  }
}

const keptBefore = 'Its first chunks ran with the line `-- wwdb:undo`, and the rest would not be kept.'

const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
