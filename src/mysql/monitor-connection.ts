import type { Connection } from './connection.ts'
import { isConnectionLost } from './errors.ts'

/**
 * A second connection, opened when it is needed: it reads what the first connection waits for, or what it left after it
 * was lost.
 */
export class MonitorConnection {
  readonly #connect: () => Promise<Connection>
  #connection: Promise<Connection> | null = null
  #lent: Connection | null = null
  #closed = false

  /** @param connect opens a pinned connection without a transaction */
  constructor(connect: () => Promise<Connection>) {
    this.#connect = connect
  }

  /** The same connection every time, until it is lost. */
  open(): Promise<Connection> {
    if (this.#connection !== null) return this.#connection
    const opening = this.#connect()
    this.#connection = opening
    // A failure is not kept: the server may be there again at the next question.
    opening.catch(() => this.#forget(opening))
    return opening
  }

  /** Not what somebody else has opened meanwhile. */
  #forget(opened: Promise<Connection>): void {
    if (this.#connection === opened) this.#connection = null
  }

  /** Hands the connection over to someone who closes it, for it has to outlive this: until then both use it. */
  async lend(): Promise<Connection> {
    const connection = await this.open()
    this.#lent = connection
    return connection
  }

  /** Runs a query on it. A connection that was lost during a long statement is opened again; a closed one is not. */
  async ask<T>(question: (connection: Connection) => Promise<T>): Promise<T> {
    const opened = this.open()
    try {
      return await question(await opened)
    } catch (error) {
      if (this.#closed || !isConnectionLost(error)) throw error
      this.#forget(opened)
      return question(await this.open())
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const connection = await this.#connection?.catch(() => null)
    if (connection !== this.#lent) await connection?.close()
  }
}
