import type { Readable } from 'node:stream'
import { ToolError } from '../../core/tool-error.ts'
import type { ModuleQuery } from '../user-code.ts'

/** Sends the queries that knex makes. */
export interface QueryClient {
  readonly ask: (query: ModuleQuery) => Promise<readonly [result: unknown, fields: unknown]>
  readonly stream: (query: ModuleQuery, options: { readonly highWaterMark?: number }) => Readable
}

type QueryOptions = Readonly<Record<string, unknown>> & { readonly sql: string }
type QueryCallback = (error: unknown, result?: unknown, fields?: unknown) => void

/** What knex uses of a mysql2 connection: a query with a callback, or a stream. */
class ModuleConnection {
  readonly #client: QueryClient

  constructor(client: QueryClient) {
    this.#client = client
  }

  query({ sql, ...options }: QueryOptions, bindings: unknown, callback?: QueryCallback) {
    const query = { sql, bindings: Array.isArray(bindings) ? bindings : [], options }
    if (callback === undefined) {
      return { stream: (how: { readonly highWaterMark?: number } = {}) => this.#client.stream(query, how) }
    }
    this.#client.ask(query).then(([result, fields]) => callback(null, result, fields), callback)
    return null
  }
}

/** A query of knex that may not have run yet, as far as it shows that. */
interface Builder {
  readonly _method?: string
  readonly sql?: string
  readonly _asyncStack?: { readonly error: Error }
  toSQL: (...values: unknown[]) => unknown
}

/** What is changed in knex's client for MySQL. */
interface Client {
  queryBuilder(): Builder
  raw(...values: readonly unknown[]): Builder
  runner(builder: Builder): unknown
  queryCompiler(builder: Builder, formatter: unknown): unknown
}

type ClientClass = new (...values: readonly never[]) => Client

const writingMethods: ReadonlySet<string> = new Set(['insert', 'update', 'del', 'truncate'])
const writingText = /^\s*(insert|update|delete|replace|set|do|truncate|call)\b/i

/**
 * A knex whose queries go to the client. `findForgotten` gives the error of a query that was made and never run, because
 * nothing awaited it: knex runs nothing before that.
 */
export async function createModuleKnex(client: QueryClient): Promise<{
  readonly knex: unknown
  readonly findForgotten: (name: string, file: string) => ToolError | null
}> {
  const { default: createKnex } = await import('knex')
  const Base: ClientClass = createKnex({ client: 'mysql2' }).client.constructor
  const connection = new ModuleConnection(client)
  const unused = new Set<Builder>()
  const track = (builder: Builder): Builder => {
    unused.add(builder)
    const { toSQL } = builder
    builder.toSQL = (...values) => {
      unused.delete(builder)
      return toSQL.apply(builder, values)
    }
    return builder
  }
  // A class, because knex makes the clients of transactions from its prototype.
  class ModuleClient extends Base {
    override queryBuilder(): Builder {
      return track(super.queryBuilder())
    }

    override raw(...values: readonly unknown[]): Builder {
      return track(super.raw(...values))
    }

    override runner(builder: Builder): unknown {
      unused.delete(builder)
      return super.runner(builder)
    }

    override queryCompiler(builder: Builder, formatter: unknown): unknown {
      unused.delete(builder)
      return super.queryCompiler(builder, formatter)
    }

    acquireConnection(): Promise<ModuleConnection> {
      return Promise.resolve(connection)
    }

    releaseConnection(): Promise<void> {
      return Promise.resolve()
    }
  }
  const knex = createKnex({ client: ModuleClient as never, asyncStackTraces: true })
  return { knex, findForgotten: (name, file) => describeForgotten(unused, name, file) }
}

function describeForgotten(unused: ReadonlySet<Builder>, name: string, file: string): ToolError | null {
  for (const { _method: method = '', sql, _asyncStack: made } of unused) {
    const writes = sql === undefined ? writingMethods.has(method) : writingText.test(sql)
    if (!writes) continue
    const verb = sql === undefined ? method.replace(/^del$/, 'delete') : (sql.trim().split(/\s/)[0] ?? '')
    const error = new ToolError('QUERY_NOT_AWAITED', {
      what: `\`${name}()\` made a query (${verb.toUpperCase()}) that was never run.`,
      where: { file },
      why: 'knex runs a query when it is awaited, and nothing awaited this one.',
      next: 'Write await before it, or return it. Nothing that the function changed was kept.',
    })
    if (made?.error.stack !== undefined) error.stack = made.error.stack
    return error
  }
  return null
}
