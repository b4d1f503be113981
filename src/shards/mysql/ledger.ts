import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Holder } from '../../core/holder.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { findWorkers, readHolder } from '../../migrations/mysql/holders.ts'
import { readJournal } from '../../migrations/mysql/journal-reading.ts'
import { fence, type HeldLock, ledgerOf, nameWorkerLock } from '../../migrations/mysql/journal-tables.ts'
import { openMysqlSession } from '../../migrations/mysql/session.ts'
import { translatingErrors, translatingFenceErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Session, Statements } from '../../migrations/ports.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf, type MysqlConnection } from '../../mysql/door.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { acquireLock, nameLock } from '../../mysql/lock.ts'
import { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { catchUp, closePrimaries, connectPrimaries } from '../../mysql/other-primaries.ts'
import { namingBlockers, type Waiter } from '../../mysql/watch-blockers.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import { quoteString } from '../../sql/quote-name.ts'
import {
  type LedgerSnapshot,
  type ShapeQuestion,
  type ShardLedger,
  type ShardStorage,
  shardLedgers,
  type TemplateChange,
  type TriedTable,
} from '../fan-out/ports.ts'
import { readStorage, readTableDefinitions } from './reading.ts'
import { inScratchSchema } from './scratch-shape.ts'
import { readShapes } from './shapes.ts'
import { openShardConnection } from './store.ts'
import { ledgerTables, readChanges, recordChanges, renderForgetting } from './template-changes.ts'

const table = 'wwdb_shard_journal'

interface Opened {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  readonly door: Door
  readonly connection: MysqlConnection
  readonly leaderId: number
}

/** A connection that reads and writes under the leader's lock, and a session for every worker. */
export class MysqlShardLedger implements ShardLedger {
  readonly target: Target
  readonly #opened: Opened
  readonly #connection: MysqlConnection
  readonly #leader: HeldLock
  readonly #monitor: MonitorConnection
  readonly #waiter: Waiter

  constructor(opened: Opened) {
    const { connection, timeouts } = opened
    const { target } = connection.place
    this.target = target
    this.#opened = opened
    this.#connection = connection
    this.#leader = { lockName: nameLock(target.schema), connectionId: opened.leaderId }
    this.#monitor = new MonitorConnection(connection.beside)
    const { connectionId } = connection.facts
    this.#waiter = { target, monitor: this.#monitor, connectionId, lockWait: timeouts.lockWait }
  }

  create = () =>
    this.#fenced(async () => {
      await this.#connection.askAll([`SELECT ${fence(this.#leader)}`, ...ledgerTables].join(';'))
    })

  read = (migrations: readonly string[] | null): Promise<LedgerSnapshot> =>
    this.#guard(async () => {
      const { exists, passes, rows } = await readJournal(this.#connection, this.target, table, chooseRows(migrations))
      if (!exists) return { exists, passes, rows, lastPass: 0 }
      const last = await this.#connection.ask(`SELECT MAX(pass) FROM ${table}`)
      return { exists, passes, rows, lastPass: Number(last.rows[0]?.[0] ?? 0) }
    })

  readChanges = () => this.#guard(() => readChanges(this.#connection))

  recordChanges = (changes: readonly TemplateChange[]) =>
    this.#fenced(() => recordChanges(this.#connection, this.#leader, changes))

  forgetChanges = (leader: Statements, changes: readonly TemplateChange[]) =>
    this.#guard(async () => {
      await leader.run(renderForgetting(changes))
    })

  awaitWorkers = (milliseconds: number, waiting: (holder: Holder | null, waited: number) => void) =>
    this.#guard(async () => {
      const { isAlive } = this.#opened.door.process
      const awaitAt = async (connection: Connection, target: Target): Promise<void> => {
        for (const worker of await findWorkers(connection, target.schema)) {
          const name = nameWorkerLock(target.schema, worker)
          const describeHolder = () => readHolder(connection, name, target.schema, isAlive, table)
          await acquireLock(connection, { name, target, milliseconds, waiting, describeHolder })
          await connection.ask(`SELECT RELEASE_LOCK('${name}')`)
        }
      }
      await awaitAt(this.#connection, this.target)
      const others = await connectPrimaries(this.#connection, milliseconds)
      try {
        for (const { connection, server } of others) await awaitAt(connection, { ...this.target, server })
        // What they did there is here when it has been applied.
        await this.#monitor.ask((here) => catchUp(this.#connection, here, others))
      } finally {
        await closePrimaries(others)
      }
    })

  openWorker = async (worker: number): Promise<Session> => {
    const { database, timeouts, door, leaderId } = this.#opened
    const place = ledgerOf(database.schema, worker, leaderId)
    const session = await openMysqlSession(door, database, timeouts, true, place)
    try {
      await session.lock(timeouts.lock, () => {})
    } catch (error) {
      await session.close()
      throw error
    }
    // In the journal of plain migrations, statements sent in one packet are closed together: on shards each is sent
    // separately.
    return Object.assign(session, { runAndClose: () => Promise.resolve([]) })
  }

  tryChange = ({ table, siblings, statements }: ShapeQuestion): Promise<TriedTable> =>
    inScratchSchema(this.#opened, [...siblings, table], async (connection, schema) => {
      for (const text of statements) await this.#try(connection, text)
      const request = {
        schema,
        home: this.target.schema,
        names: [table.table],
        version: this.#connection.facts.version,
      }
      const lines = (await readShapes(connection, request, true)).get(table.table)?.lines
      const definition = (await readTableDefinitions(connection, schema, [table.table])).get(table.table)
      if (lines == null || definition === undefined)
        throw new Error(`the statements did not create table ${table.table}`)
      return { lines, definition }
    })

  readStorage = (tables: readonly string[]): Promise<ShardStorage> =>
    this.#guard(() => readStorage(this.#connection, this.target.schema, this.#connection.facts.version, tables))

  close = async () => {
    await Promise.all([this.#connection.close(), this.#monitor.close()])
  }

  async #try(connection: Connection, text: string): Promise<void> {
    try {
      await connection.run(text)
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      throw new ToolError(
        'TEMPLATE_CHANGE_REFUSED',
        {
          what: `MySQL refused the change on an empty table of the earlier template (error ${error.errno}).`,
          where: { database: this.target.database, server: this.target.server, statement: beginningOf(text) },
          why: error.message,
          next: 'Correct the migration; nothing was changed.',
        },
        { cause: error },
      )
    }
  }

  #fenced<T>(work: () => Promise<T>): Promise<T> {
    return translatingFenceErrors(this.target, () => namingBlockers(this.#waiter, work))
  }

  #guard<T>(work: () => Promise<T>): Promise<T> {
    return translatingErrors(this.target, () => namingBlockers(this.#waiter, work))
  }
}

/** Passes of the migrations, and every open row. */
function chooseRows(migrations: readonly string[] | null): string {
  if (migrations === null) return 'pass>0'
  const names = migrations.map((version) => quoteString(version)).join(',')
  const own = names === '' ? 'FALSE' : `SUBSTRING_INDEX(version,'/',1) IN (${names})`
  return `pass>0 AND (${own} OR pass IN (SELECT pass FROM ${table} WHERE state IN ('open','entered')))`
}

/** Opens ledgers on the servers behind targets. */
export const driver = driverOf(shardLedgers, (door) => ({
  open: async (database, timeouts, leader) => {
    const connection = await openShardConnection(door, database, timeouts, false)
    const leaderId = leader ?? connection.facts.connectionId
    return new MysqlShardLedger({ database, timeouts, door, connection, leaderId })
  },
}))
