import { AsyncLocalStorage } from 'node:async_hooks'
import { ToolError } from '../../../core/tool-error.ts'
import { beginningOf } from '../../../sql/mask-passwords.ts'
import { type BatchAsk, packError } from '../../user-code.ts'
import type { ModuleClient } from './module-client.ts'

/** What sends the queries of knex. */
type QueryClient = Pick<ModuleClient, 'ask' | 'stream'>

/** A query of knex, as far as a batch needs it. */
interface Query {
  readonly toSQL: () => { readonly toNative: () => { readonly sql: string; readonly bindings: readonly unknown[] } }
}

type Change = (rows: readonly unknown[]) => unknown

/** Changes the rows of a query chunk by chunk. */
type RunBatch = (query: Query, change: Change, options?: Readonly<Record<string, unknown>>) => Promise<void>

/**
 * `batch()` in the process of users' code. The tool walks: this asks for the rows of each chunk, calls the code with them, and says how that ended; the tool then
 * commits the chunk, or rolls it back and gives its rows again, fewer at a time.
 */
export class ModuleBatch {
  readonly #client: QueryClient
  /** What is checked before a chunk is committed: queries that were sent are awaited, and none was forgotten. */
  readonly #settle: () => Promise<void>
  readonly #inside = new AsyncLocalStorage<true>()
  #isWalking = false

  constructor(client: QueryClient, settle: () => Promise<void>) {
    this.#client = client
    this.#settle = settle
  }

  /** What sends the queries of the code. While a batch runs, those of its function alone are sent: others would be committed with some chunk, and run again after a kill. */
  readonly client: QueryClient = {
    ask: async (query) => {
      this.#refuseBeside(query.sql)
      return this.#client.ask(query)
    },
    stream: (query, options) => {
      this.#refuseBeside(query.sql)
      return this.#client.stream(query, options)
    },
  }

  readonly run: RunBatch = async (query, change, options = {}) => {
    if (typeof query?.toSQL !== 'function' || typeof change !== 'function') throw misused()
    const { sql, bindings } = query.toSQL().toNative()
    const ask = async (batch: BatchAsk, text = '', values: readonly unknown[] = []): Promise<unknown> =>
      (await this.#client.ask({ sql: text, bindings: values, options: {}, batch }))[0]
    if (this.#isWalking) throw secondBatch(sql)
    this.#isWalking = true
    try {
      let rows = await ask({ type: 'begin', options }, sql, bindings)
      while (Array.isArray(rows)) rows = await ask(await this.#change(change, rows))
    } finally {
      this.#isWalking = false
    }
  }

  async #change(change: Change, rows: readonly unknown[]): Promise<BatchAsk> {
    if (rows.length === 0) return { type: 'done' }
    try {
      await this.#inside.run(true, async () => {
        await change(rows)
        await this.#settle()
      })
      return { type: 'done' }
    } catch (error) {
      return { type: 'failed', error: packError(error) }
    }
  }

  #refuseBeside(sql: string): void {
    if (!this.#isWalking || this.#inside.getStore() === true) return
    throw new ToolError('DATA_MIGRATION_REFUSED', {
      what: 'A query was sent beside a batch.',
      where: { statement: beginningOf(sql) },
      why: 'It would be committed with one of the chunks, and run again where the run is continued after a kill.',
      next: 'Await `batch()` before the next query, or send the query in its function.',
    })
  }
}

function secondBatch(sql: string): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A batch was begun while another one runs.',
    where: { statement: beginningOf(sql) },
    why: 'Each chunk of a batch is one transaction of the one connection.',
    next: 'Await the first `batch()` before the next one.',
  })
}

function misused(): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: '`batch()` was not called with a query and a function.',
    why: 'It walks the rows of a query of knex that is not awaited.',
    next: "Write `await batch(knex('orders').where(...), async (rows) => { ... })`.",
  })
}
