import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'

type Cells = readonly (string | null)[]

/** A direct connection of a test's own, past the proxy. */
export interface Database {
  readonly run: (sql: string) => Promise<void>
  /** Rows as texts. */
  readonly rows: (sql: string) => Promise<readonly Cells[]>
  readonly close: () => Promise<void>
}

/** @param url of the server, with or without a schema */
export async function openDatabase(url: string): Promise<Database> {
  const connection: Connection = await createConnection({ uri: url, multipleStatements: true, dateStrings: true })
  // What a kill left may hold a table: a DROP DATABASE would wait a year for it, and its test with it.
  await connection.query('SET SESSION lock_wait_timeout = 120')
  return {
    run: async (sql) => {
      await connection.query(sql)
    },
    rows: async (sql) => {
      const [rows] = await connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true })
      return rows.map((row) => [...row].map((cell) => (cell === null ? null : textOf(cell))))
    },
    close: () => connection.end(),
  }
}

/** Runs something with a connection that is closed afterwards. */
export async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(url)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

function textOf(cell: unknown): string {
  return Buffer.isBuffer(cell) ? cell.toString('hex') : String(cell)
}

/** Asks again, a few times a second, until it is so. Throws after `seconds`, saying what was waited for. */
export async function waitFor(what: string, isSo: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** True while a connection with this number exists on the server. */
export async function isConnected(database: Database, threadId: number): Promise<boolean> {
  return (await database.rows(`SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${threadId}`)).length > 0
}
