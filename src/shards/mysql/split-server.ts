import { setTimeout } from 'node:timers/promises'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Connection } from '../../mysql/connection.ts'
import { driverOf } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { onlineServerOf } from '../../operate/mysql/online-server.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { ShardStore } from '../ports.ts'
import { type SplitServer, splitServers, type TableKeys } from '../split/ports.ts'
import { readSplitRecord } from '../split/read-record.ts'
import { createSplitTable, existsSplitTable, replaceSplit, selectSplits } from './split-record-table.ts'
import { insideOf } from './store.ts'

/** What splits of tables ask, on the connection that holds the lock and on others beside it. */
export const driver = driverOf(splitServers, () => (store): SplitServer => {
  const { connection, define } = insideOf(store)
  const { schema } = store.target
  const online = onlineServerOf({ schema, records: 'wwdb_online', held: connection, open: () => connection.beside() })
  const has = async (): Promise<boolean> => Number((await connection.ask(existsSplitTable(schema))).rows[0]?.[0]) > 0
  return {
    ask: translated(store, online.ask),
    strictly: (work) => translatingErrors(store.target, () => online.strictly(work)),
    beside: (work) => translatingErrors(store.target, () => online.beside(work)),
    readColumns: translated(store, online.readColumns),
    readUniqueKeys: translated(store, online.readUniqueKeys),
    readObstacles: translated(store, online.readObstacles),
    listTables: translated(store, online.listTables),
    findTriggers: translated(store, online.findTriggers),
    findTables: translated(store, async (names) => {
      if (names.length === 0) return new Map()
      const { rows } = await connection.ask(
        `SELECT TABLE_NAME,TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${names.map(quoteString).join(',')})`,
      )
      return new Map(rows.map(([name, type]) => [String(name), type === 'VIEW' ? 'view' : 'table'] as const))
    }),
    define: async (text, tables) => {
      let began = performance.now()
      // Of a definition that was tried several times, others wait for each attempt alone.
      await define(text, tables, () => {
        began = performance.now()
      })
      return performance.now() - began
    },
    inTransaction: translated(store, (texts, attempts) => inTransaction(connection, texts, attempts)),
    readKeys: translated(store, (table) => readKeys(connection, schema, table)),
    readRecords: translated(store, async () =>
      (await has()) ? (await connection.ask(selectSplits(schema))).rows.map(readSplitRecord) : [],
    ),
    recordText: (record) => replaceSplit(schema, record),
    writeRecord: translated(store, async (record) => {
      // A CREATE TABLE waits for others; it is sent only where there is none yet.
      if (!(await has())) await connection.ask(createSplitTable(schema))
      await connection.ask(replaceSplit(schema, record))
    }),
  }
})

/** The same, with an error of the server as one that says what to do. */
const translated =
  <Given extends readonly unknown[], Answer>(
    { target }: ShardStore,
    work: (...given: Given) => Promise<Answer>,
  ): ((...given: Given) => Promise<Answer>) =>
  (...given) =>
    translatingErrors(target, () => work(...given))

const between = 50

/** Where statements are logged as text, the server refuses the weaker isolation. */
async function inTransaction(connection: Connection, texts: readonly string[], attempts: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.askAll(
        ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', 'START TRANSACTION', ...texts, 'COMMIT'].join(';'),
      )
      return attempt
    } catch (error) {
      await connection.ask('ROLLBACK')
      const mayRepeat = hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)
      if (!mayRepeat || attempt === attempts) throw error
      await setTimeout(between * attempt)
    }
  }
}

async function readKeys(connection: Connection, schema: string, table: string): Promise<TableKeys> {
  const at = `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)}`
  const { rows } = await connection.ask(
    `SELECT INDEX_NAME,COLUMN_NAME,SUB_PART FROM information_schema.STATISTICS WHERE ${at} AND NON_UNIQUE=0 ORDER BY INDEX_NAME,SEQ_IN_INDEX`,
  )
  const { rows: counted } = await connection.ask(
    `SELECT COUNT(*) FROM information_schema.COLUMNS WHERE ${at} AND EXTRA LIKE '%auto_increment%'`,
  )
  const primary = rows.filter(([name]) => name === 'PRIMARY')
  return {
    primary: primary.every(([, , part]) => part === null) ? primary.map(([, column]) => String(column)) : [],
    unique: [...new Set(rows.flatMap(([name]) => (name === 'PRIMARY' ? [] : [String(name)])))],
    autoIncrement: Number(counted[0]?.[0]) > 0,
  }
}
