import { ToolError } from '../../../src/core/tool-error.ts'
import { ConnectionLost, type MemoryProcess, ProcessDied } from './process.ts'
import type { MemoryConnection } from './server.ts'

/** The way from a process to its connection, which mishaps interrupt: each part of a session calls through it. */
export class SessionCalls {
  readonly connection: MemoryConnection
  readonly #process: MemoryProcess

  constructor(process: MemoryProcess, connection: MemoryConnection) {
    this.#process = process
    this.connection = connection
  }

  get schema() {
    return this.connection.server.schema(this.connection.schema)
  }

  get journal() {
    return this.connection.leader === null ? this.schema.journal : this.schema.ledger
  }

  get writing() {
    return { connectionId: this.connection.id, now: this.connection.server.now() }
  }

  demandLock(): void {
    if (!this.connection.holdsLock()) throw new ToolError('LOCK_LOST', { what: 'The lock was lost' })
  }

  /** A question of the tool's own: a lost connection comes back as a sentence. */
  ask = async <T>(work: () => T): Promise<T> => {
    try {
      return await this.call(work)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      throw new ToolError('CONNECTION_LOST', { what: 'The connection was lost' }, { cause: error })
    }
  }

  /** Every call passes here, and may not survive it. @param text the statement that the server could continue alone */
  async call<T>(work: () => T | Promise<T>, text: string | null = null): Promise<T> {
    await Promise.resolve()
    this.#demandLife()
    const mishap = this.#process.nextMishap()
    if (mishap === 'die-during' || mishap === 'lose-during') {
      if (text !== null) this.connection.abandon(text)
    } else if (mishap?.endsWith('after'))
      await Promise.resolve()
        .then(work)
        .catch(() => undefined)
    if (mishap === null) {
      try {
        return await work()
      } finally {
        this.#demandLife()
      }
    }
    if (mishap.startsWith('die')) this.#process.die()
    else if (!this.connection.orphaned) this.connection.close()
    throw this.#lost()
  }

  #demandLife(): void {
    if (this.#process.dead || this.connection.closed) throw this.#lost()
  }

  #lost(): Error {
    return this.#process.dead ? new ProcessDied('the process is dead') : new ConnectionLost('the connection is gone')
  }
}
