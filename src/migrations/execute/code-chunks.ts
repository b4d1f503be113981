import { ToolError } from '../../core/tool-error.ts'
import { readChangedColumns } from '../../operate/batches/changed-columns.ts'
import type { ChunkOutcome, WalkEnd } from '../../operate/batches/walk-table.ts'
import { classifyStatement } from '../../sql/classify.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { RunFailure } from '../ports.ts'
import {
  type AnswerPart,
  type BatchAsk,
  type ModuleConnection,
  type ModuleQuery,
  UserCodeEnded,
  unpackThrown,
} from '../user-code.ts'
import { describeFailedWalk, isRowRefused } from './batch-failures.ts'
import { moduleFailed, statementFailed } from './failures.ts'
import type { CodeWalk } from './module-walk.ts'
import { moduleRow } from './step-rows.ts'
import type { ExecutionRequest, StepRun } from './work.ts'

/** What a walk hands over: a chunk, or how it ended. */
type Offer =
  | { readonly type: 'chunk'; readonly text: string; readonly settle: (outcome: ChunkOutcome) => void }
  | { readonly type: 'complete' }
  | { readonly type: 'failed'; readonly error: unknown }

/** The chunk that the code works on. */
interface Chunk {
  readonly settle: (outcome: ChunkOutcome) => void
  rows: number
  /** The first error after which nothing of it may be committed, whatever the code makes of it. */
  failure: { readonly failure: RunFailure; readonly error: unknown } | null
  isInTransaction: boolean
}

/** Stands between a walk, which goes from chunk to chunk, and code, which asks for one after the other. */
export class CodeChunks {
  readonly #request: ExecutionRequest
  readonly #run: StepRun
  readonly #walk: CodeWalk
  readonly #bindings: readonly unknown[]
  readonly #offers: Offer[] = []
  #wake = (): void => {}
  #chunk: Chunk | null = null
  #isOver = false
  /** What the walk waits for on the server. */
  #underWay: Promise<unknown> = Promise.resolve()
  /** Why the last chunk failed. */
  #error: unknown = null

  constructor(request: ExecutionRequest, run: StepRun, walk: CodeWalk, bindings: readonly unknown[]) {
    this.#request = request
    this.#run = run
    this.#walk = walk
    this.#bindings = bindings
  }

  /** Of the walk: returns once the code is through with the chunk. */
  offer(text: string): Promise<ChunkOutcome> {
    return new Promise((settle) => this.#put({ type: 'chunk', text, settle }))
  }

  follow(walking: Promise<void>): void {
    walking.then(
      () => this.#put({ type: 'complete' }),
      (error: unknown) => this.#put({ type: 'failed', error }),
    )
  }

  /** Of the walk: what it does on the server, nothing of which follows once the code has ended. */
  reach<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isOver) return Promise.reject(new UserCodeEnded('the code of the walk has ended'))
    const working = work()
    this.#underWay = working.catch(() => undefined)
    return working
  }

  /**
   * The code has ended, perhaps within a chunk: the walk does nothing more. Without this, its checkpoint could be written beside the rollback of the chunk.
   */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#underWay
  }

  /** The rows of the next chunk, which stay locked until it is committed; null behind the last one. Throws what ended the walk. */
  async next(connection: ModuleConnection): Promise<readonly AnswerPart[] | null> {
    for (;;) {
      const offer = await this.#take()
      if (offer.type === 'complete') return null
      if (offer.type === 'failed') throw offer.error
      this.#chunk = { settle: offer.settle, rows: 0, failure: null, isInTransaction: false }
      try {
        const query = { sql: offer.text, bindings: this.#bindings, options: {} }
        const parts: AnswerPart[] = []
        for await (const part of connection.query(query)) parts.push(part)
        return parts
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  /** A query that the code sends for its chunk. */
  async *pass(connection: ModuleConnection, query: ModuleQuery): AsyncGenerator<AnswerPart> {
    const chunk = this.#chunk
    if (chunk === null) throw new Error('the code has no chunk')
    if (query.sql === 'BEGIN;') chunk.isInTransaction = true
    else if (query.sql === 'COMMIT;' || query.sql === 'ROLLBACK') chunk.isInTransaction = false
    else this.#refuseMoves(query.sql)
    try {
      for await (const part of connection.query(query)) {
        if (part.type === 'header') chunk.rows += Number(part.header['affectedRows'] ?? 0)
        yield part
      }
    } catch (error) {
      const failure = this.#request.session.explain(error)
      if (failure !== null && failure.type !== 'refused') chunk.failure ??= { failure, error }
      throw error
    }
  }

  /** How the code ended its chunk. Throws what forbids to go on. */
  async take(connection: ModuleConnection, asked: Exclude<BatchAsk, { readonly type: 'begin' }>): Promise<void> {
    const chunk = this.#chunk
    if (chunk === null) throw new Error('the code has no chunk')
    if (chunk.failure !== null) return this.#fail(chunk.failure.error)
    if (asked.type === 'failed') return this.#fail(unpackThrown(asked.error))
    if (chunk.isInTransaction) return this.#fail(openTransaction())
    try {
      await connection.approveSoFar?.()
    } catch (error) {
      return this.#fail(error)
    }
    this.#chunk = null
    chunk.settle({ type: 'done', rows: chunk.rows })
  }

  /** The error of a chunk that failed for good: the row, where it is known, and what was committed before. */
  describe(end: WalkEnd & { readonly type: 'failed' }): unknown {
    const { session } = this.#request
    const { step } = this.#run
    const failure = session.explain(this.#error)
    const { summary } = moduleRow(this.#run)
    const at = { target: session.target, step, index: 0, summary, statement: null }
    const attempts = Math.max(1, end.waits)
    const error =
      failure === null
        ? moduleFailed(step, session.target, this.#error)
        : statementFailed(at, { type: 'failed', failure, blockers: [], attempts, timedOut: false, cause: this.#error })
    return describeFailedWalk(error, { progress: end.progress, key: end.key, keyOf: this.#walk.key })
  }

  /** A smaller chunk may succeed where one row is at fault, also by what the code makes of it. */
  #fail(error: unknown): void {
    const failure = this.#request.session.explain(error)
    if (failure?.type === 'lost' || failure?.type === 'canceled') throw error
    const chunk = this.#chunk
    this.#chunk = null
    this.#error = error
    if (failure?.type === 'waited') chunk?.settle({ type: 'failed', how: 'waited' })
    else {
      const isOfRow = failure === null ? !(error instanceof ToolError) : isRowRefused(failure)
      chunk?.settle({ type: 'failed', how: isOfRow ? 'row' : 'other' })
    }
  }

  /** A row that moves ahead of the walk would be changed again. */
  #refuseMoves(sql: string): void {
    const { walk, key } = this.#walk
    const { verb, objects } = classifyStatement(sql)
    const own = this.#request.session.target.schema
    const isWalked = (one: { readonly schema: string | null; readonly name: string }): boolean =>
      one.name.toLowerCase() === walk.table.name.toLowerCase() &&
      (one.schema ?? own).toLowerCase() === (walk.table.schema ?? own).toLowerCase()
    const isInserted = objects.some((one) => one.type === 'table' && isWalked(one))
    if (isInserted && (verb === 'INSERT' || verb === 'REPLACE'))
      throw moves(sql, `It inserts into \`${walk.table.name}\`, which is walked`)
    if (verb !== 'UPDATE') return
    const changed = readChangedColumns(sql, isWalked)
    const column = key.columns.find((one) => changed.has(one.name.toLowerCase()))
    if (column !== undefined) throw moves(sql, `It changes \`${column.name}\` of the key that is walked`)
  }

  #put(offer: Offer): void {
    this.#offers.push(offer)
    this.#wake()
  }

  async #take(): Promise<Offer> {
    for (;;) {
      const offer = this.#offers.shift()
      if (offer !== undefined) return offer
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
  }
}

function moves(sql: string, why: string): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A statement in a batch could move rows ahead of the walk.',
    where: { statement: beginningOf(sql) },
    why: `${why}: a row that comes ahead of the current chunk is changed again.`,
    next: 'Walk another key with the option `key`, or write the statement in a migration of its own.',
  })
}

function openTransaction(): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A transaction of knex was left open in a batch.',
    why: 'The chunk is committed when the function ends.',
    next: 'Await `knex.transaction()`, or leave it out: the chunk is one transaction already.',
  })
}
