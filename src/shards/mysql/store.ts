import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { GuardConfig } from '../../config/guard-config.ts'
import { refuseChangedSession } from '../../config/session.ts'
import type { Holder } from '../../core/holder.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import type { ToolError } from '../../core/tool-error.ts'
import { readSettings } from '../../migrations/mysql/journal-reading.ts'
import { type HeldLock, holdsLeader, journalOf } from '../../migrations/mysql/journal-tables.ts'
import { TargetLock } from '../../migrations/mysql/target-lock.ts'
import { translatingErrors, translatingFenceErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Door, MysqlConnection } from '../../mysql/door.ts'
import type { ServerFacts } from '../../mysql/facts.ts'
import { nameLock } from '../../mysql/lock.ts'
import { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { namingBlockers, type Waiter } from '../../mysql/watch-blockers.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { FamilyMove } from '../family-move.ts'
import type { CreateOutcome, RegistryChange, ShardStore, TableShape, TableToCreate } from '../ports.ts'
import { moveFamily } from '../registry/move-family.ts'
import { createRegistry, readRegistry, upgradeRegistry, writeRegistry } from '../registry/registry.ts'
import { holdName } from '../shard.ts'
import { dropTable, renameTable } from '../step-statements.ts'
import { createTables } from './create-tables.ts'
import { runWithLockRetry } from './lock-retry.ts'
import { moveRows, readPartitions } from './partitions.ts'
import {
  listTables,
  readColumns,
  readServerLimits,
  readTableBytes,
  readTableDefinitions,
  readTriggers,
  readViewTables,
} from './reading.ts'
import { measureRows, partitionOf } from './row-text.ts'
import { inScratchSchema } from './scratch-shape.ts'
import { readShapes } from './shapes.ts'
import { readCarriedVersions } from './template-changes.ts'

/** What a store is opened with, and what it found. */
interface Opened {
  readonly database: DatabaseConfig
  readonly process: Door['process']
  readonly connection: MysqlConnection
  /** The connection that holds the lock: this one's, or that of the leading run. */
  readonly leader: number
  readonly guard: GuardConfig
}

/** What the split of a table builds on: the connection that holds the lock, and definitions behind the guard. */
interface InsideStore {
  readonly connection: MysqlConnection
  /** @param attempted called before each attempt */
  readonly define: (text: string, tables: readonly string[], attempted?: () => void) => Promise<void>
}

/** By the facts of its connection: a store that stands before another has them, too. */
const known = new WeakMap<ServerFacts, InsideStore>()

/** Throws for a store of another driver. */
export function insideOf(store: ShardStore): InsideStore {
  const inside = known.get(store.facts)
  if (inside === undefined) throw new Error('the store was not opened by the MySQL driver')
  return inside
}

/** One connection holds its target's lock and writes; others read, try, and create tables in parallel. */
class MysqlShardStore implements ShardStore {
  readonly target: Target
  readonly facts: ServerFacts
  readonly fansOut = true
  readonly #opened: Opened
  readonly #connection: MysqlConnection
  readonly #monitor: MonitorConnection
  readonly #lock: HeldLock
  readonly #targetLock: TargetLock
  readonly #waiter: Waiter
  /** True once the registry is known to have the current format. */
  #isCurrent = false

  constructor(opened: Opened) {
    const { connection, leader } = opened
    const { place, facts } = connection
    const { target, timeouts } = place
    this.target = target
    this.facts = facts
    this.#opened = opened
    this.#connection = connection
    this.#monitor = new MonitorConnection(connection.beside)
    this.#lock = { lockName: nameLock(target.schema), connectionId: leader }
    this.#targetLock = new TargetLock(connection, this.#monitor, journalOf(target.schema), opened.process.isAlive)
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
    await this.#guard(() => this.#targetLock.acquire(milliseconds, waiting))
    await this.#connection.record({ lend: () => this.#monitor.lend() })
  }

  unlock = () => this.#guard(() => this.#targetLock.release())

  refuse = async () => null

  readRegistry = () => this.#guard(() => readRegistry(this.#connection, this.target))

  readCarriedVersions = () => this.#guard(() => readCarriedVersions(this.#connection))

  readTemplates = async () => []

  createRegistry = async () => {
    await this.#fenced(() => createRegistry(this.#connection, this.#lock, this.target))
    this.#isCurrent = true
  }

  writeRegistry = (change: RegistryChange) =>
    this.#fenced(async () => {
      if (!this.#isCurrent) await upgradeRegistry(this.#connection, this.#lock, this.target)
      this.#isCurrent = true
      await writeRegistry(this.#connection, this.#lock, change, this.#runId)
    })

  moveFamily = (move: FamilyMove) => this.#fenced(() => moveFamily(this.#connection, this.#lock, move, this.#runId))

  listTables = () => this.#guard(() => listTables(this.#connection, this.target.schema))

  readPartitions = (tables: readonly string[]) =>
    this.#guard(() => readPartitions(this.#connection, this.target.schema, tables))

  readShapes = (names: readonly string[] | null, detail: 'fingerprint' | 'lines', whole?: ReadonlySet<string>) =>
    this.#guard(() => {
      const { schema } = this.target
      const request = { schema, home: schema, names, version: this.facts.version, ...(whole && { whole }) }
      return readShapes(this.#connection, request, detail === 'lines')
    })

  shapeOf = (table: TableToCreate, siblings: readonly TableToCreate[]) =>
    inScratchSchema(
      { database: this.#opened.database, connection: this.#connection },
      [...siblings, table],
      async (connection, schema): Promise<TableShape> => {
        const request = { schema, home: this.target.schema, names: [table.table], version: this.facts.version }
        const shape = (await readShapes(connection, request, true)).get(table.table)
        if (shape === undefined) throw new Error(`the statement did not create table ${table.table}`)
        return shape
      },
    )

  definitionOf = (table: TableToCreate, siblings: readonly TableToCreate[]) =>
    inScratchSchema(
      { database: this.#opened.database, connection: this.#connection },
      [...siblings, table],
      async (connection, schema) => {
        const text = (await readTableDefinitions(connection, schema, [table.table])).get(table.table)
        if (text === undefined) throw new Error(`the statement did not create table ${table.table}`)
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
      const { database, connection } = this.#opened
      const lock = { target: this.target, lock: this.#lock, holdsLock: () => this.#holdsLock() }
      const kill = (id: number) => this.#monitor.ask(async (other) => void (await other.ask(`KILL QUERY ${id}`)))
      return createTables({ database, connection, ...lock, kill, stop, report }, tables, connections)
    })

  rename = (table: string, to: string) => this.define(renameTable(table, to), [table])

  drop = (table: string) => this.define(dropTable(table), [table])

  moveRows = (from: string, into: string) =>
    this.#fenced(() => moveRows(this.#connection, this.#lock, this.target.schema, from, into))

  /** Every change of a table is one statement: there is nothing between. */
  settle = async () => new Map<string, ToolError>()

  describeCreation = ({ text }: TableToCreate) => text

  describeRename = renameTable

  nameHold = holdName

  /** With the reader's privileges: it survives the account that created it. */
  createView = (name: string, text: string) =>
    this.define(`CREATE OR REPLACE SQL SECURITY INVOKER VIEW ${quoteName(name)} AS ${text}`, [name])

  readViewTables = (name: string) => this.#guard(() => readViewTables(this.#connection, this.target, name))

  readDefinitions = (tables: readonly string[]) =>
    this.#guard(() => readTableDefinitions(this.#connection, this.target.schema, tables))

  readBytes = (tables: readonly string[]) =>
    this.#guard(() => readTableBytes(this.#connection, this.target.schema, tables))

  readLimits = () => this.#guard(() => readServerLimits(this.#connection))

  /** Only tables with partitions have any. */
  requireShards = async () => undefined

  readMisplaced = async () => []

  readTriggers = () => this.#guard(() => readTriggers(this.#connection, this.target.schema))

  readColumns = (table: string) => this.#guard(() => readColumns(this.#connection, this.target.schema, table))

  isEmpty = (table: string, partition?: string) =>
    this.#guard(async () => {
      const { rows } = await this.#connection.ask(
        `SELECT ${ownHint} 1 FROM ${partitionOf(this.target.schema, table, partition)} LIMIT 1`,
      )
      return rows.length === 0
    })

  measure = (table: string, partition?: string) =>
    this.#guard(() => measureRows(this.#connection, this.target.schema, table, partition))

  close = async () => {
    await Promise.all([this.#connection.close(), this.#monitor.close(), this.#targetLock.close()])
  }

  /** A definition of existing tables, through the guard and behind the fence. */
  readonly define = (text: string, tables: readonly string[], attempted?: () => void): Promise<void> => {
    const { guard } = this.#opened
    const { foldsNames } = this.facts
    const retry = { ...this.#waiter, connection: this.#connection, lock: this.#lock, guard, foldsNames }
    return translatingFenceErrors(this.target, () => runWithLockRetry(retry, text, tables, attempted))
  }

  get #runId(): string | null {
    return this.#opened.process.runner.runId ?? null
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

/**
 * Connects to a database's schema for work on its shards. Without a transaction: every read shows the current state.
 * Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`, `READ_ONLY` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`.
 * @param writable whether the server must be one that takes writes
 */
export function openShardConnection(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  writable: boolean,
): Promise<MysqlConnection> {
  return door.open({ ...placeOf(database, timeouts), session: database.session }, { writable, purpose: 'work' })
}

/** Opens a store on a database's schema, and, for writing, checks that the settings of the session are those of its journal. */
export async function openMysqlShardStore(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  writable: boolean,
  leader: number | null,
): Promise<ShardStore> {
  const connection = await openShardConnection(door, database, timeouts, writable)
  const { target } = connection.place
  try {
    if (writable) refuseChangedSession(database, await readSettings(connection, target))
    const leads = leader ?? connection.facts.connectionId
    const opened = { database, process: door.process, connection, leader: leads, guard: await door.guard() }
    const store = new MysqlShardStore(opened)
    known.set(connection.facts, { connection, define: store.define })
    return store
  } catch (error) {
    connection.destroy()
    throw translateRunError(error, target)
  }
}
