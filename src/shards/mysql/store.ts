import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { refuseChangedSession } from '../../config/session.ts'
import type { Holder } from '../../core/holder.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import type { IsAlive } from '../../migrations/mysql/holders.ts'
import { acquireProvenLock } from '../../migrations/mysql/holders.ts'
import { readSettings } from '../../migrations/mysql/journal-reading.ts'
import { type HeldLock, holdsLeader } from '../../migrations/mysql/journal-tables.ts'
import { translatingErrors, translatingFenceErrors } from '../../migrations/mysql/translate-errors.ts'
import { type Connection, connect } from '../../mysql/connection.ts'
import type { ServerFacts } from '../../mysql/facts.ts'
import { nameLock } from '../../mysql/lock.ts'
import { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { openSession } from '../../mysql/server-facts.ts'
import { namingBlockers, type Waiter } from '../../mysql/watch-blockers.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { CreateOutcome, FamilyMove, RegistryChange, ShardStore, TableShape, TableToCreate } from '../ports.ts'
import { moveFamily } from '../registry/move-family.ts'
import { createRegistry, readRegistry, upgradeRegistry, writeRegistry } from '../registry/registry.ts'
import { dropTable, renameTable } from '../step-statements.ts'
import { createTables } from './create-tables.ts'
import { runWithLockRetry } from './lock-retry.ts'
import {
  listTables,
  readColumns,
  readServerLimits,
  readTableBytes,
  readTableDefinitions,
  readTriggers,
  readViewTables,
} from './reading.ts'
import { measureRows } from './row-text.ts'
import { inScratchSchema } from './scratch-shape.ts'
import { readShapes } from './shapes.ts'
import { readCarriedVersions } from './template-changes.ts'

/** What a store is opened with, and what it found. */
interface Opened {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  readonly isAlive: IsAlive
  readonly runId: string | null
  readonly connection: Connection
  readonly target: Target
  readonly facts: ServerFacts
  /** The connection that holds the lock: this one's, or that of the run that leads. */
  readonly leader: number
}

/** One connection that holds its target's lock and writes; others that look, try, and make tables beside it. */
class MysqlShardStore implements ShardStore {
  readonly target: Target
  readonly facts: ServerFacts
  readonly #opened: Opened
  readonly #connection: Connection
  readonly #monitor: MonitorConnection
  readonly #lock: HeldLock
  #locked = false
  readonly #waiter: Waiter
  /** True once the registry is known to have the present format. */
  #isCurrent = false

  constructor(opened: Opened) {
    this.target = opened.target
    this.facts = opened.facts
    this.#opened = opened
    this.#connection = opened.connection
    this.#monitor = new MonitorConnection(opened.database, opened.timeouts)
    this.#lock = { lockName: nameLock(opened.target.schema), connectionId: opened.leader }
    const { target, facts, timeouts } = opened
    const { connectionId } = facts
    this.#waiter = { target, monitor: this.#monitor, connectionId, lockWait: timeouts.lockWait }
  }

  readClock = () =>
    this.#guard(async () => {
      const { rows } = await this.#connection.ask('SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3))*1000 AS UNSIGNED)')
      return Number(rows[0]?.[0])
    })

  lock = async (milliseconds: number, waiting: (holder: Holder | null, waited: number) => void) => {
    const { connectionId } = this.facts
    if (this.#lock.connectionId !== connectionId) return
    const { target } = this
    const { isAlive } = this.#opened
    const request = { name: this.#lock.lockName, target, connectionId, milliseconds, waiting, isAlive }
    await this.#guard(() => acquireProvenLock(this.#connection, this.#monitor, { ...request, journal: 'wwdb_journal' }))
    this.#locked = true
  }

  unlock = async () => {
    if (!this.#locked) return
    this.#locked = false
    await this.#guard(() => this.#connection.ask(`SELECT RELEASE_LOCK('${this.#lock.lockName}')`))
  }

  readRegistry = () => this.#guard(() => readRegistry(this.#connection, this.target))

  readCarriedVersions = () => this.#guard(() => readCarriedVersions(this.#connection))

  createRegistry = async () => {
    await this.#fenced(() => createRegistry(this.#connection, this.#lock, this.target))
    this.#isCurrent = true
  }

  writeRegistry = (change: RegistryChange) =>
    this.#fenced(async () => {
      if (!this.#isCurrent) await upgradeRegistry(this.#connection, this.#lock, this.target)
      this.#isCurrent = true
      await writeRegistry(this.#connection, this.#lock, change, this.#opened.runId)
    })

  moveFamily = (move: FamilyMove) =>
    this.#fenced(() => moveFamily(this.#connection, this.#lock, move, this.#opened.runId))

  listTables = () => this.#guard(() => listTables(this.#connection, this.target.schema))

  readShapes = (names: readonly string[] | null, detail: 'fingerprint' | 'lines') =>
    this.#guard(() => {
      const { schema } = this.target
      const request = { schema, home: schema, names, version: this.facts.version }
      return readShapes(this.#connection, request, detail === 'lines')
    })

  shapeOf = (table: TableToCreate, siblings: readonly TableToCreate[]) =>
    inScratchSchema(
      { ...this.#opened, morePins: this.facts.morePins },
      [...siblings, table],
      async (connection, schema): Promise<TableShape> => {
        const request = { schema, home: this.target.schema, names: [table.table], version: this.facts.version }
        const shape = (await readShapes(connection, request, true)).get(table.table)
        if (shape === undefined) throw new Error(`the statement made no table ${table.table}`)
        return shape
      },
    )

  definitionOf = (table: TableToCreate, siblings: readonly TableToCreate[]) =>
    inScratchSchema(
      { ...this.#opened, morePins: this.facts.morePins },
      [...siblings, table],
      async (connection, schema) => {
        const text = (await readTableDefinitions(connection, schema, [table.table])).get(table.table)
        if (text === undefined) throw new Error(`the statement made no table ${table.table}`)
        return text
      },
    )

  createTables = (
    tables: readonly TableToCreate[],
    connections: number,
    stop: StopRequest,
    report: (outcome: CreateOutcome) => void,
  ) =>
    this.#guard(() => {
      const { database, timeouts, facts } = this.#opened
      const { morePins } = facts
      const lock = { target: this.target, lock: this.#lock, holdsLock: () => this.#holdsLock() }
      const kill = (id: number) => this.#monitor.ask(async (other) => void (await other.ask(`KILL QUERY ${id}`)))
      return createTables({ database, timeouts, morePins, ...lock, kill, stop, report }, tables, connections)
    })

  rename = (table: string, to: string) => this.#define(renameTable(table, to), [table])

  drop = (table: string) => this.#define(dropTable(table), [table])

  /** With the reader's privileges: it outlives the account that made it. */
  createView = (name: string, text: string) =>
    this.#define(`CREATE OR REPLACE SQL SECURITY INVOKER VIEW ${quoteName(name)} AS ${text}`, [name])

  readViewTables = (name: string) => this.#guard(() => readViewTables(this.#connection, this.target, name))

  readDefinitions = (tables: readonly string[]) =>
    this.#guard(() => readTableDefinitions(this.#connection, this.target.schema, tables))

  readBytes = (tables: readonly string[]) =>
    this.#guard(() => readTableBytes(this.#connection, this.target.schema, tables))

  readLimits = () => this.#guard(() => readServerLimits(this.#connection))

  readTriggers = () => this.#guard(() => readTriggers(this.#connection, this.target.schema))

  readColumns = (table: string) => this.#guard(() => readColumns(this.#connection, this.target.schema, table))

  isEmpty = (table: string) =>
    this.#guard(async () => {
      const { rows } = await this.#connection.ask(`SELECT 1 FROM ${quoteQualified(this.target.schema, table)} LIMIT 1`)
      return rows.length === 0
    })

  measure = (table: string) => this.#guard(() => measureRows(this.#connection, this.target.schema, table))

  close = async () => {
    await Promise.all([this.#connection.close(), this.#monitor.close()])
  }

  #define(text: string, tables: readonly string[]): Promise<void> {
    const retry = { ...this.#waiter, connection: this.#connection, lock: this.#lock }
    return translatingFenceErrors(this.target, () => runWithLockRetry(retry, text, tables))
  }

  async #holdsLock(): Promise<boolean> {
    const { rows } = await this.#connection.ask(`SELECT ${holdsLeader(this.#lock)}`)
    return Number(rows[0]?.[0]) === 1
  }

  #fenced<T>(work: () => Promise<T>): Promise<T> {
    return translatingFenceErrors(this.target, () => namingBlockers(this.#waiter, work))
  }

  #guard<T>(work: () => Promise<T>): Promise<T> {
    return translatingErrors(this.target, work)
  }
}

/** A connection whose session is pinned, and what its server is. */
interface ShardConnection {
  readonly connection: Connection
  readonly target: Target
  readonly facts: ServerFacts
}

/**
 * Connects to a database's schema for work on its shards, pins the session and lets `use` make of it what stays open. Without a
 * transaction: every read shows what is there by then. A failure closes the connection.
 * Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`, `READ_ONLY` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`.
 * @param writable whether the server must be one that takes writes
 */
export async function openShardConnection<Opened>(
  database: DatabaseConfig,
  timeouts: Timeouts,
  writable: boolean,
  use: (opened: ShardConnection) => Opened | Promise<Opened>,
): Promise<Opened> {
  const target: Target = { database: database.name, schema: database.schema, server: database.server.label }
  const connection = await connect(database.server, database.schema, timeouts.connect)
  try {
    const session = { server: database.server, timeouts, session: database.session }
    const facts = await openSession(connection, target, session, writable)
    await connection.ask('SET SESSION autocommit=1')
    return await use({ connection, target, facts })
  } catch (error) {
    connection.destroy()
    throw translateRunError(error, target)
  }
}

/**
 * Opens a store on a database's schema, pins its session and checks, where it is to write, that the server is one to write to.
 * Without a transaction: every read shows what is there by then. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`,
 * `READ_ONLY` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`.
 */
export async function openMysqlShardStore(
  database: DatabaseConfig,
  timeouts: Timeouts,
  isAlive: IsAlive,
  writable: boolean,
  leader: number | null,
  runId: string | null = null,
): Promise<ShardStore> {
  return openShardConnection(database, timeouts, writable, async (open) => {
    if (writable) refuseChangedSession(database, await readSettings(open.connection, open.target))
    return new MysqlShardStore({
      database,
      timeouts,
      isAlive,
      runId,
      ...open,
      leader: leader ?? open.facts.connectionId,
    })
  })
}
