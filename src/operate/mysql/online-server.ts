import { setTimeout } from 'node:timers/promises'
import type { Asker, Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { readOrNull } from '../../mysql/innodb-tables.ts'
import { findServerLocks } from '../../mysql/server-locks.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { OnlineServer, SwapRequest, TableObstacles } from '../online/ports.ts'
import type { OnlineRecord } from '../online/record.ts'
import { readCopyColumns, readUniqueKeys } from './copy-columns.ts'
import { endLogTool, frozen, readLogObstacles, readLogState } from './log-tools.ts'
import { findOld, readLeftovers, readTables } from './online-leftovers.ts'
import {
  createOnlineTable,
  existsOnlineTable,
  type OnlinePlace,
  type OnlineTable,
  replaceRecord,
  selectRecords,
  toRecord,
} from './online-table.ts'

/** The connections of a run: the one that holds the lock of the database, and further ones that only read. */
export interface RunConnections {
  readonly schema: string
  /** Where its own changes are recorded. */
  readonly records: OnlineTable
  readonly held: Connection
  readonly open: () => Promise<Connection>
}

const list = (names: readonly string[]): string => names.map(quoteString).join(',')

/** What an online change asks, on the connections of a run. */
export function onlineServerOf({ schema, records, held, open }: RunConnections): OnlineServer {
  const beside = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await open()
    try {
      return await work(connection)
    } finally {
      await connection.close().catch(() => undefined)
    }
  }
  const look = (text: string): Promise<readonly Row[]> =>
    beside(async (connection) => (await connection.ask(text)).rows)
  const own: OnlinePlace = { schema, records }
  const readFrom = async (place: OnlinePlace): Promise<readonly OnlineRecord[]> => {
    if (Number((await look(existsOnlineTable(place)))[0]?.[0]) === 0) return []
    return (await look(selectRecords(place))).map(toRecord)
  }
  return {
    ask: async (text) => (await held.ask(text)).rows,
    inTransaction: (texts, attempts) => inTransaction(held, texts, attempts),
    define: (text) => define(held, text),
    strictly: (work) => strictly(held, work),
    isAboutValues: (error) => hasNumber(error, ...aboutValues),
    alter: (text, lockWait) => alter(held, text, lockWait),
    swap: (request) => swap(held, request),
    beside: (work) => beside((connection) => work(async (text) => (await connection.ask(text)).rows)),
    findServerLocks: () => beside((connection) => findServerLocks(connection, null)),
    readColumns: (table) => beside((connection) => readCopyColumns(connection, schema, table)),
    readOptionalColumns: async (table) => {
      const rows = await look(
        `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} AND (IS_NULLABLE='YES' OR COLUMN_DEFAULT IS NOT NULL OR EXTRA REGEXP 'auto_increment|DEFAULT_GENERATED')`,
      )
      return rows.map(([name]) => String(name))
    },
    listTables: (names) => beside((connection) => readTables(connection, schema, names, Date.now())),
    findOld: ({ tool, old }) => beside((connection) => findOld(connection, schema, { tool, old })),
    readUniqueKeys: (table) => beside((connection) => readUniqueKeys(connection, schema, table)),
    readLeftovers: () => beside((connection) => readLeftovers(connection, schema, Date.now())),
    readObstacles: (table) => beside((connection) => readObstacles(connection, schema, table)),
    findTables: async (names) => {
      const rows = await look(
        `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${list(names)})`,
      )
      return rows.map(([name]) => String(name))
    },
    findTriggers: async (names) => {
      if (names.length === 0) return new Map()
      const rows = await look(
        `SELECT TRIGGER_NAME,EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${quoteString(schema)} AND TRIGGER_NAME IN (${list(names)})`,
      )
      return new Map(rows.map(([name, table]) => [String(name), String(table)]))
    },
    endSessions: ({ tool, token, table }) =>
      beside((connection) =>
        tool === 'pt-osc' ? endSessions(connection, token) : endLogTool(connection, tool, schema, table),
      ),
    frozen: (table, look) => waiting(held, lockWait, () => frozen(held, schema, table, look)),
    readLogObstacles: (tool) => beside((connection) => readLogObstacles(connection, tool)),
    readLogState: (log) => beside((connection) => readLogState(connection, schema, log)),
    readRecords: () => readFrom(own),
    readAllRecords: async () => [
      ...(await readFrom({ schema, records: 'wwdb_online' })),
      ...(await readFrom({ schema, records: 'wwdb_shard_online' })),
    ],
    writeRecord: async (record) => {
      // A CREATE TABLE commits; it is sent only where there is none yet.
      if (Number((await held.ask(existsOnlineTable(own))).rows[0]?.[0]) === 0) await held.ask(createOnlineTable(own))
      await held.askAll(`${replaceRecord(own, record)};COMMIT`)
    },
  }
}

/** The server cannot make the change in this way: the algorithm is not supported, with or without a reason, or the table has had too many instant changes. */
const unsupported = [1845, 1846, 4080, 4092]

async function alter(connection: Connection, text: string, lockWait: number | null): Promise<boolean> {
  try {
    await waiting(connection, lockWait === null ? null : lockWait / 1000, () => connection.ask(text))
    return true
  } catch (error) {
    if (hasNumber(error, ...unsupported)) return false
    throw error
  }
}

async function inTransaction(connection: Connection, texts: readonly string[], attempts: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.askAll(['START TRANSACTION', ...texts, 'COMMIT'].join(';'))
      return
    } catch (error) {
      await connection.ask('ROLLBACK')
      const mayRepeat = hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)
      if (!mayRepeat || attempt === attempts) throw error
      await setTimeout(between)
    }
  }
}

async function define(connection: Connection, text: string): Promise<boolean> {
  try {
    await waiting(connection, lockWait, () => connection.ask(text))
    return true
  } catch (error) {
    if (hasNumber(error, serverErrors.lockWaitTimeout)) return false
    throw error
  }
}

/** The server's errors about a value or a row: too large, too long, of another form, NULL, equal in a key, against a CHECK or a foreign key, of no partition. */
const aboutValues = [
  1048, 1062, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1416, 1441, 1452, 1526, 1586, 1690, 3140, 3141, 3156,
  3819, 3903,
]

/** Also numbers that are 0 stay so, and dates that the table has are taken. */
const strictMode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO'

async function strictly<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const before = String((await connection.ask('SELECT @@SESSION.sql_mode')).rows[0]?.[0] ?? '')
  await connection.ask(`SET SESSION sql_mode=${quoteString(strictMode)}`)
  try {
    return await work()
  } finally {
    // A connection that is lost has no settings any more.
    await connection.ask(`SET SESSION sql_mode=${quoteString(before)}`).catch(() => undefined)
  }
}

/** Runs what waits for locks of tables for at most so many seconds. */
async function waiting<T>(connection: Connection, seconds: number | null, work: () => Promise<T>): Promise<T> {
  if (seconds === null) return work()
  const before = Number((await connection.ask('SELECT @@SESSION.lock_wait_timeout')).rows[0]?.[0])
  await connection.ask(`SET SESSION lock_wait_timeout=${Math.max(1, Math.round(seconds))}`)
  try {
    return await work()
  } finally {
    // A connection that is lost has no settings any more.
    await connection.ask(`SET SESSION lock_wait_timeout=${before}`).catch(() => undefined)
  }
}

/** Seconds that one try waits in the lock queue. */
const lockWait = 2

async function swap(connection: Connection, { schema, table, copy, hold, isLocked, countsRows }: SwapRequest) {
  const [own, other, kept] = [table, copy, hold].map((name) => quoteQualified(schema, name))
  return waiting(connection, lockWait, async () => {
    try {
      if (isLocked) await connection.ask(`LOCK TABLES ${own} WRITE,${other} WRITE`)
      if (isLocked && countsRows) {
        const rows = await connection.ask(`SELECT ${ownHint} COUNT(*) FROM ${own}`)
        const copied = await connection.ask(`SELECT ${ownHint} COUNT(*) FROM ${other}`)
        if (Number(rows.rows[0]?.[0]) !== Number(copied.rows[0]?.[0])) return 'counts-differ' as const
      }
      await connection.ask(`RENAME TABLE ${own} TO ${kept},${other} TO ${own}`)
      return 'swapped' as const
    } catch (error) {
      if (hasNumber(error, serverErrors.lockWaitTimeout)) return 'blocked' as const
      throw error
    } finally {
      // A connection that is lost has no locks any more.
      if (isLocked) await connection.ask('UNLOCK TABLES').catch(() => undefined)
    }
  })
}

const between = 50

/** Sessions of a tool are known by their `wait_timeout`, which no other session has. */
async function endSessions(connection: Asker, token: number): Promise<void> {
  for (;;) {
    const { rows } = await connection.ask(
      `SELECT t.PROCESSLIST_ID FROM performance_schema.variables_by_thread v JOIN performance_schema.threads t ON t.THREAD_ID=v.THREAD_ID WHERE v.VARIABLE_NAME='wait_timeout' AND v.VARIABLE_VALUE='${token}'`,
    )
    if (rows.length === 0) return
    for (const [id] of rows)
      await connection.ask(`KILL ${Number(id)}`).catch((error: unknown) => {
        if (!hasNumber(error, serverErrors.unknownThread)) throw error
      })
    await setTimeout(between)
  }
}

async function readObstacles(connection: Asker, schema: string, table: string): Promise<TableObstacles> {
  const [of, name] = [quoteString(schema), quoteString(table)]
  const { rows: triggers } = await connection.ask(
    `SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA=${of} AND EVENT_OBJECT_TABLE=${name} ORDER BY 1`,
  )
  const { rows: keys } = await connection.ask(
    `SELECT DISTINCT CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND ((TABLE_SCHEMA=${of} AND TABLE_NAME=${name}) OR (REFERENCED_TABLE_SCHEMA=${of} AND REFERENCED_TABLE_NAME=${name}))`,
  )
  // That list hides the tables of schemas in which the account has no rights; with PROCESS, InnoDB's own shows them.
  const all = await readOrNull(
    connection,
    `SELECT SUBSTRING_INDEX(ID,'/',-1) FROM information_schema.INNODB_FOREIGN WHERE REF_NAME=CONCAT(${of},'/',${name})`,
  )
  const { rows: checks } = await connection.ask(
    `SELECT CONSTRAINT_NAME FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA=${of} AND TABLE_NAME=${name} AND CONSTRAINT_TYPE='CHECK' ORDER BY 1`,
  )
  const { rows: engines } = await connection.ask(
    `SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA=${of} AND TABLE_NAME=${name}`,
  )
  const names = (rows: readonly (readonly unknown[])[]): readonly string[] => rows.map(([one]) => String(one))
  return {
    triggers: names(triggers),
    foreignKeys: [...new Set([...names(keys), ...names(all ?? [])])].toSorted(),
    seesAll: all !== null,
    checks: names(checks),
    engine: String(engines[0]?.[0] ?? ''),
  }
}
