import type { ServerConfig, Timeouts } from '../config/config.ts'
import { type Connection, connect } from './connection.ts'
import { isConnectionLost } from './errors.ts'
import { pinMonitor } from './pinned-session.ts'

/** Where a connection goes: to a schema, or to none. */
interface Place {
  readonly server: ServerConfig
  readonly schema: string | null
}

/** A second connection, opened when it is needed: it reads what the first connection waits for, or left after its loss. */
export class MonitorConnection {
  readonly #place: Place
  readonly #timeouts: Timeouts
  #connection: Promise<Connection> | null = null
  #closed = false

  constructor(place: Place, timeouts: Timeouts) {
    this.#place = place
    this.#timeouts = timeouts
  }

  /** The same connection every time, until it is lost. */
  open(): Promise<Connection> {
    this.#connection ??= this.#connect()
    return this.#connection
  }

  /** Runs a query on it. A connection that was lost during a long statement is opened again; a closed one is not. */
  async ask<T>(question: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await question(await this.open())
    } catch (error) {
      if (this.#closed || !isConnectionLost(error)) throw error
      this.#connection = null
      return question(await this.open())
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const connection = await this.#connection?.catch(() => null)
    await connection?.close()
  }

  async #connect(): Promise<Connection> {
    const connection = await connect(this.#place.server, this.#place.schema, this.#timeouts.connect)
    await connection.ask(pinMonitor(this.#timeouts.lockWait))
    return connection
  }
}
