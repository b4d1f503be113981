import type { KeyCensus } from '../../../src/shards/ports.ts'
import type { AdoptedConnection } from './process.ts'
import { Refused } from './server.ts'
import { MemorySchema } from './shard-schema.ts'
import { parseTable } from './table-text.ts'

interface KeyRow {
  readonly key: string
  readonly deleted: boolean
}

/** A server with schemas of shards, for thousands of histories: nothing in it takes time, and its clock is the test's. */
export class MemoryShardServer {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly #schemas = new Map<string, MemorySchema>()
  readonly #holders = new Map<string, MemoryShardConnection>()
  readonly #waiters = new Map<string, (() => void)[]>()
  readonly #keys = new Map<string, readonly KeyRow[]>()
  #serial = 0

  constructor(clock: () => number) {
    this.clock = clock
  }

  schema(name: string): MemorySchema {
    const schema = this.#schemas.get(name) ?? new MemorySchema()
    this.#schemas.set(name, schema)
    return schema
  }

  /** The rows that need shards: of `table` in the schema. Null takes the table away. */
  setKeys(schema: string, table: string, rows: readonly KeyRow[] | null): void {
    if (rows === null) this.#keys.delete(`${schema}.${table}`)
    else this.#keys.set(`${schema}.${table}`, rows)
  }

  keysOf(schema: string, table: string): KeyCensus | null {
    const rows = this.#keys.get(`${schema}.${table}`)
    if (rows === undefined) return null
    const those = (deleted: boolean) => rows.filter((row) => row.deleted === deleted).map((row) => row.key)
    return { present: those(false), deleted: those(true) }
  }

  /** CREATE TABLE by hand, past the tool. */
  create(schema: string, text: string): void {
    this.schema(schema).create(parseTable(text))
  }

  insert(schema: string, table: string, ...rows: readonly string[]): void {
    this.schema(schema).change(table, (before) => ({ rows: [...before.rows, ...rows] }))
  }

  next(): number {
    this.#serial += 1
    return this.#serial
  }

  holderOf(schema: string): MemoryShardConnection | null {
    return this.#holders.get(schema) ?? null
  }

  tryLock(connection: MemoryShardConnection): boolean {
    const holder = this.#holders.get(connection.schema)
    if (holder !== undefined && holder !== connection) return false
    this.#holders.set(connection.schema, connection)
    return true
  }

  unlock(connection: MemoryShardConnection): void {
    if (this.#holders.get(connection.schema) !== connection) return
    this.#holders.delete(connection.schema)
    for (const wake of this.#waiters.get(connection.schema) ?? []) wake()
    this.#waiters.delete(connection.schema)
  }

  /** Resolves when a session gives the schema's lock back. */
  released(schema: string): Promise<void> {
    return new Promise((resolve) => this.#waiters.set(schema, [...(this.#waiters.get(schema) ?? []), resolve]))
  }
}

/** The server's side of a store's connection. */
export class MemoryShardConnection implements AdoptedConnection {
  readonly id: number
  readonly server: MemoryShardServer
  readonly schema: string
  #closed = false
  #orphan: (() => void) | null = null

  constructor(server: MemoryShardServer, schema: string) {
    this.server = server
    this.schema = schema
    this.id = server.next()
  }

  get closed(): boolean {
    return this.#closed
  }

  get orphaned(): boolean {
    return this.#orphan !== null
  }

  close(): void {
    this.#closed = true
    this.#orphan = null
    this.server.unlock(this)
  }

  /** The client is gone in the middle of a statement, which continues and keeps the lock until `finishOrphan`. */
  abandon(work: () => void): void {
    this.#closed = true
    this.#orphan = work
  }

  finishOrphan(): void {
    try {
      this.#orphan?.()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
    this.close()
  }
}
