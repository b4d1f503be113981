import type { Emit } from '../../command/event.ts'
import { usualChunkTime } from '../../core/batch-options.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { KeyRange, KeyValue } from '../../operate/batches/key-range.ts'
import type { Walk } from '../../operate/batches/read-walk.ts'
import { beginWalk, type ChunkOutcome, type WalkEffects, walkTable } from '../../operate/batches/walk-table.ts'
import type { Governor } from '../../operate/governor.ts'
import { putBack } from '../../operate/undo/put-back.ts'
import { recordRows, recordUndone, type UndoRecord } from '../../operate/undo/undo-record.ts'
import { undoAlias, undoKey } from '../../operate/undo/undo-table.ts'
import { nameBlockers } from '../../sql/name-blockers.ts'
import { attemptStatement, type FailedAttempt } from '../execute/attempt.ts'
import { isRowRefused } from '../execute/batch-failures.ts'
import { BatchSession } from '../execute/batch-session.ts'
import { noChange } from '../journal/rows.ts'
import type { Session } from '../ports.ts'
import { type RefusedRow, tryAgain } from './try-again.ts'

/** Refused rows that are remembered, to be tried again: the others wait for the next run. */
const mostRefused = 100_000

export interface PutBackRequest {
  readonly session: Session
  readonly record: UndoRecord
  readonly governor: Governor | null
  readonly emit: Emit
  readonly stop: StopRequest
  /** Takes the rows of each chunk that is committed. */
  readonly committed: (rows: number) => void
}

/**
 * Puts back the rows of one batch that nobody changed since, in chunks. Each chunk marks its rows in the undo table in the same transaction: whatever dies, the next
 * run puts back the rest, and none twice. A row that the server refuses may need the place of one that is put back later: these are tried again, alternately from the
 * last to the first and back, while that puts back any. Returns the keys of those that stay refused.
 */
export async function putBackRows(request: PutBackRequest): Promise<readonly KeyValue[]> {
  const { session, record } = request
  const walk: Walk = {
    verb: 'UPDATE',
    table: { schema: null, name: record.name },
    alias: undoAlias,
    changes: new Set(),
    sources: '',
    before: '',
    condition: null,
    after: '',
  }
  const chunks = new Chunks(request)
  const walking = {
    walk,
    key: undoKey(record.kept.key),
    aim: { time: usualChunkTime, rows: null },
    effects: chunks.effects,
  }
  const first = await beginWalk(walking)
  const settings = new BatchSession(request)
  await session.rollback()
  await settings.prepare()
  try {
    const refused: RefusedRow[] = []
    let progress = first
    while (progress !== null) {
      const end = await walkTable(walking, progress)
      if (end.type === 'failed' && end.key === null) throw chunks.failed(end.waits)
      progress = end.type === 'failed' && end.key !== null ? { ...end.progress, last: end.key } : null
      if (end.type === 'failed' && end.key !== null && refused.length < mostRefused)
        refused.push({ after: end.progress.last, upTo: end.key })
    }
    const left = first === null ? [] : await tryAgain(chunks.effects, first, refused, (waits) => chunks.failed(waits))
    await session.run(recordUndone(record.name))
    await session.writeJournal(noChange)
    return left.map(({ upTo }) => upTo)
  } finally {
    await session.rollback()
    await settings.restore()
  }
}

class Chunks {
  readonly #request: PutBackRequest
  #failure: FailedAttempt | null = null
  /** Of the chunk that is not committed yet. */
  #rows = 0
  readonly effects: WalkEffects

  constructor(request: PutBackRequest) {
    this.#request = request
    const { session, record, governor } = request
    this.effects = {
      ask: (text) => session.ask(text),
      run: (_, range) => this.#run(range),
      save: async () => {
        if (this.#rows > 0) await session.run(recordRows(record.name, this.#rows))
        await session.writeJournal(noChange)
        request.committed(this.#rows)
      },
      rollBack: () => session.rollback(),
      between: async () => {
        this.#stopIfAsked()
        await governor?.clear()
        this.#stopIfAsked()
      },
      rest: (waits) => rest(Math.min(5000, 100 * 2 ** waits) * (0.5 + Math.random())),
    }
  }

  /** The error of a chunk that did not get through. */
  failed(waits: number): ToolError {
    const { session, record } = this.#request
    const { failure, blockers = [], cause } = this.#failure ?? {}
    const { database, server } = session.target
    const isBlocked = failure?.type === 'waited'
    const by = isBlocked ? `; ${nameBlockers(blockers)}` : ''
    return new ToolError(
      failure?.type === 'lost' ? 'CONNECTION_LOST' : isBlocked ? 'BLOCKED' : 'STATEMENT_FAILED',
      {
        what: `Rows of \`${record.kept.table}\` could not be put back${isBlocked ? ` in ${Math.max(1, waits)} attempts` : ''}.`,
        where: { database, server },
        why: `${failure?.why ?? 'The server refused it'}${by}. What was committed before stays put back.`,
        next: 'Run `wwdb undo` again when that is over: it goes on with the rest, and puts no row back twice.',
      },
      { cause },
    )
  }

  #stopIfAsked(): void {
    if (!this.#request.stop.requested) return
    throw new ToolError('STOPPED', {
      what: 'Stopped between two chunks: the rows before are put back.',
      next: 'Run `wwdb undo` again: it goes on with the rest, and puts no row back twice.',
    })
  }

  async #run(range: KeyRange): Promise<ChunkOutcome> {
    const { session, record, stop } = this.#request
    const [claim, ...rest] = putBack(record.name, record.kept, range)
    const result = await attemptStatement({
      session,
      stop,
      statementTimeout: null,
      attempts: 1,
      blocked: () => undefined,
      work: async () => {
        const claimed = await session.run(claim)
        if ((claimed.rows ?? 0) > 0) for (const text of rest) await session.run(text)
        return claimed
      },
    })
    if (result.type === 'done') {
      this.#rows = result.outcome.rows ?? 0
      return { type: 'done', rows: this.#rows }
    }
    this.#failure = result
    if (result.failure.type === 'lost') throw this.failed(0)
    if (result.failure.type === 'waited') return { type: 'failed', how: 'waited' }
    return { type: 'failed', how: isRowRefused(result.failure) ? 'row' : 'other' }
  }
}

const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
