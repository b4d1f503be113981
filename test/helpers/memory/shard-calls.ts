import { ToolError } from '../../../src/core/tool-error.ts'
import { type MemoryProcess, ProcessDied } from './process.ts'
import { Refused } from './server.ts'
import type { MemoryShardConnection } from './shard-server.ts'

/** The way from a process to its connection, which mishaps interrupt: each part of a store calls through it. */
export class ShardCalls {
  readonly connection: MemoryShardConnection
  /** Whose lock fences the writes. */
  readonly leader: number
  readonly #process: MemoryProcess

  constructor(process: MemoryProcess, connection: MemoryShardConnection, leader: number) {
    this.#process = process
    this.connection = connection
    this.leader = leader
  }

  get schema() {
    return this.connection.server.schema(this.connection.schema)
  }

  ask = <T>(work: () => T): Promise<T> => this.#translated(() => this.call(work, false))

  /** What only the holder of the lock may do. */
  write = <T>(work: () => T): Promise<T> => this.#translated(() => this.call(work, true))

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      throw new ToolError('SERVER_REFUSED', { what: 'The server said no', why: error.message }, { cause: error })
    }
  }

  /** Every call passes here, and may not survive it. A write that is hit `during` continues in the server alone. */
  async call<T>(work: () => T, writes: boolean): Promise<T> {
    await Promise.resolve()
    this.#demandLife()
    const mishap = this.#process.nextMishap()
    const guarded = (): T => {
      if (writes && !this.#isFenced()) throw new ToolError('LOCK_LOST', { what: 'The lock was lost' })
      return work()
    }
    if (mishap === null) return guarded()
    if (mishap.endsWith('during') && writes) this.connection.abandon(guarded)
    if (mishap.endsWith('after'))
      await Promise.resolve()
        .then(guarded)
        .catch(() => undefined)
    if (mishap.startsWith('die')) this.#process.die()
    else if (!this.connection.orphaned) this.connection.close()
    throw this.#lost()
  }

  #isFenced(): boolean {
    return this.connection.server.holderOf(this.connection.schema)?.id === this.leader
  }

  #demandLife(): void {
    if (this.#process.dead || this.connection.closed) throw this.#lost()
  }

  #lost(): Error {
    if (this.#process.dead) return new ProcessDied('the process is dead')
    return new ToolError('CONNECTION_LOST', { what: 'The connection was lost' })
  }
}
