import type { MysqlConnection } from '../../mysql/door.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import type { JournalReader } from './own-records.ts'

/**
 * The record of a run that takes the lock of a target. It is written on the second connection, which is open anyway, while the next targets are locked; a
 * write waits for it, whether or not anybody else did.
 */
export class LentRecord {
  readonly #connection: Pick<MysqlConnection, 'record'>
  readonly #monitor: MonitorConnection
  #written: Promise<void> = Promise.resolve()
  #hasRuns = true

  constructor(connection: Pick<MysqlConnection, 'record'>, monitor: MonitorConnection) {
    this.#connection = connection
    this.#monitor = monitor
  }

  /** Reading the journal also shows whether the table of runs exists. */
  learnFrom(read: JournalReader): JournalReader {
    return async (format) => {
      const snapshot = await read(format)
      if (snapshot.tables !== undefined) this.#hasRuns = snapshot.tables.some(({ name }) => name === 'wwdb_runs')
      return snapshot
    }
  }

  begin(): void {
    this.#written = this.#connection.record({ lend: () => this.#monitor.lend(), hasRuns: this.#hasRuns })
    this.#written.catch(() => undefined)
  }

  /** Throws where a hook forbids the run. */
  written(): Promise<void> {
    return this.#written
  }

  /** Before the connection is closed: what is lent stays open. */
  async settled(): Promise<void> {
    await this.#written.catch(() => undefined)
  }
}
