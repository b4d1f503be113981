import type { ServerConfig } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { type Door, driverOf, type Pinning } from '../../mysql/door.ts'
import { hasNumber, isConnectionLost, serverErrors } from '../../mysql/errors.ts'
import { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { pinMonitor, setLockWaits } from '../../mysql/pinned-session.ts'
import type { Lender, Place } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { isAbandoned } from '../../mysql/runs-under-way.ts'
import { namingBlockers } from '../../mysql/watch-blockers.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { type RunEnd, type RunLedger, type RunStart, runLedgers } from '../ports.ts'
import { createRunTable, renderEnd, renderStart, runLock, selectOldEvents, selectOldRuns } from './run-table.ts'

/** The servers as keepers of runs. */
export const driver = driverOf(runLedgers, (door) => ({
  open: async (server, timeouts, runId, lender) => {
    const ledger = new MysqlRunLedger(door, server, timeouts, runId)
    await (lender === undefined ? ledger.connect() : ledger.borrow(lender))
    return ledger
  },
  openKeyspace: async (...request) => (await import('./keyspace-ledger.ts')).openKeyspaceLedger(door, ...request),
  read: async (database, timeouts, question) =>
    (await import('./read-history.ts')).readHistory(door, database, timeouts, question),
}))

/** The longest wait for a row lock or a metadata lock: the row about a run must not hold the run up. */
const longestWait = 5000

/** The longest wait of the cleanup behind a run that is done. */
const removingWait = 1000

class MysqlRunLedger implements RunLedger {
  readonly #door: Door
  readonly #server: ServerConfig
  readonly #runId: string
  readonly #open: (pin?: Pinning['pin']) => Promise<Connection>
  readonly #monitor: MonitorConnection
  /** Milliseconds. */
  readonly #wait: number
  /** How long a connection that is lent waits where the record does not use it. */
  readonly #usualWait: number
  #connection: Connection | null = null
  /** The one that was lent, until it is lost. */
  #lent: Connection | null = null
  /** False where the table is known not to exist. */
  #hasRuns = true
  /** Whether this connection has the lock of the run, as the server has said or is about to. */
  #isLocked = false

  constructor(door: Door, server: ServerConfig, timeouts: Place['timeouts'], runId: string) {
    this.#door = door
    this.#server = server
    this.#runId = runId
    const target = { database: '', schema: '', server: server.label }
    const place = { target, server, schema: null, timeouts }
    this.#open = (pin) => door.openPinned(place, { purpose: 'record', ...(pin && { pin }) })
    this.#monitor = new MonitorConnection(() => this.#open())
    this.#wait = Math.min(timeouts.lockWait, longestWait)
    this.#usualWait = timeouts.lockWait
  }

  borrow = async (lender: Lender): Promise<void> => {
    this.#hasRuns = lender.hasRuns
    this.#lent = await this.#door.borrow(lender)
    this.#connection = this.#lent
  }

  connect = async (): Promise<Connection> => {
    const rowWait = `innodb_lock_wait_timeout=${Math.max(1, Math.round(this.#wait / 1000))}`
    const connection = await this.#open((opened) => opened.ask(pinMonitor(this.#wait, undefined, [rowWait])))
    this.#connection = connection
    this.#lent = null
    this.#isLocked = false
    return connection
  }

  begin = (schema: string, start: RunStart) =>
    this.#write(schema, async (connection) => {
      const table = tableOf(schema)
      const rows = `UPDATE ${table} SET outcome='stopped' WHERE ${isAbandoned};${renderStart(table, start)}`
      const send = async (texts: readonly string[]): Promise<void> => {
        if (this.#isLocked) return void (await this.#send(connection, texts))
        // Rows of other targets that are written meanwhile need not ask as well.
        this.#isLocked = true
        const [locked] = await this.#send(connection, [this.#askLock(), ...texts]).catch((error: unknown) => {
          this.#isLocked = false
          throw error
        })
        this.#isLocked = isGiven(locked)
      }
      if (!this.#hasRuns) return send([createRunTable(table), rows])
      try {
        await send([rows])
      } catch (error) {
        if (!hasNumber(error, serverErrors.unknownTable)) throw error
        await send([createRunTable(table), rows])
      }
    })

  /** In one packet. A connection that is lent waits no longer than the record may, and then as long as before. */
  async #send(connection: Connection, statements: readonly string[]): Promise<readonly Answer[]> {
    if (connection !== this.#lent) return connection.askAll(statements.join(';'))
    const usual = setLockWaits(this.#usualWait)
    try {
      const [, ...answers] = await connection.askAll(
        [setLockWaits(this.#wait, this.#wait), ...statements, usual].join(';'),
      )
      return answers
    } catch (error) {
      // What was lost is found by who uses it next.
      await connection.ask(usual).catch(() => undefined)
      throw error
    }
  }

  end = (schema: string, end: RunEnd) =>
    this.#write(schema, async (connection) => {
      try {
        await this.#send(connection, [renderEnd(tableOf(schema), this.#runId, end)])
      } catch (error) {
        // The tables that `db drop` and `provision down` dropped have no rows any more.
        if (!hasNumber(error, serverErrors.unknownTable, serverErrors.unknownDatabase)) throw error
      }
    })

  removeOldEvents = (schema: string, keep: number, most: number) =>
    this.#removing(schema, async (connection) => {
      const { rows } = await askWhereThere(connection, selectOldEvents(schema, keep, most))
      return remove(connection, `DELETE FROM ${quoteQualified(schema, 'wwdb_shard_events')} WHERE id IN`, rows)
    })

  removeOldRuns = (schema: string, keep: number, most: number) =>
    this.#removing(schema, async (connection) => {
      const found = await askWhereThere(connection, selectOldRuns(schema, keep, most, true))
      const { rows } = found.isThere ? found : await askWhereThere(connection, selectOldRuns(schema, keep, most, false))
      return remove(connection, `DELETE FROM ${tableOf(schema)} WHERE outcome<>'running' AND run_id IN`, rows)
    })

  close = async () => {
    await Promise.all([this.#connection?.close(), this.#monitor.close()])
  }

  /** A lock shows that the run is alive; it is asked for in the first packet of its connection, and with each further row until it is given. */
  #askLock(): string {
    return `SELECT GET_LOCK(${quoteString(runLock(this.#runId))},0)`
  }

  /** A session that locks a row to be removed, or one of the tables, delays the command by one second, not by what the run or the server waits. */
  #removing(schema: string, work: (connection: Connection) => Promise<number>): Promise<number> {
    return this.#write(schema, async (connection) => {
      await connection.ask(setLockWaits(removingWait, removingWait))
      return work(connection)
    })
  }

  /** A connection that was lost during a long statement is reopened once: every write may be repeated. */
  async #write<T>(schema: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    const target: Target = { database: schema, schema, server: this.#server.label }
    const named = (connection: Connection): Promise<T> => {
      const connectionId = connection.raw.threadId
      const waiter = { target, monitor: this.#monitor, connectionId, lockWait: this.#wait }
      return namingBlockers(waiter, () => work(connection))
    }
    try {
      return await named(this.#connection ?? (await this.connect()))
    } catch (error) {
      if (!isConnectionLost(error)) throw translateRunError(error, target)
      try {
        const connection = await this.connect()
        this.#isLocked = isGiven(await connection.ask(this.#askLock()))
        return await named(connection)
      } catch (again) {
        throw translateRunError(again, target)
      }
    }
  }
}

/**
 * Returns nothing where one of the tables does not exist: a schema without shards has no events, and a dropped one has nothing.
 */
async function askWhereThere(
  connection: Connection,
  text: string,
): Promise<{ readonly isThere: boolean; readonly rows: readonly Row[] }> {
  try {
    return { isThere: true, rows: (await connection.ask(text)).rows }
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable, serverErrors.unknownDatabase)) throw error
    return { isThere: false, rows: [] }
  }
}

/** Rows are removed by ID, so that no statement locks or reads more than it removes. */
async function remove(connection: Connection, statement: string, ids: readonly Row[]): Promise<number> {
  if (ids.length === 0) return 0
  await connection.ask(`${statement} (${ids.map(([id]) => quoteString(String(id))).join(',')})`)
  return ids.length
}

type Answer = Pick<Awaited<ReturnType<Connection['ask']>>, 'rows'>

/** GET_LOCK answers 0 where another session has it, be it one of the run or that of a connection which was lost, and NULL where the server cannot say. */
const isGiven = (answer: Answer | undefined): boolean => Number(answer?.rows[0]?.[0]) === 1

const tableOf = (schema: string): string => quoteQualified(schema, 'wwdb_runs')
