import { randomBytes } from 'node:crypto'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll } from 'vitest'
import { hasNumber, serverErrors } from '../../../src/mysql/errors.ts'
import { type TestServer, testServer } from './servers.ts'

/** A schema of one test file's or one test's own. */
export interface TestSchema {
  readonly name: string
  /** With the schema: `mysql://root@127.0.0.1:36123/t_1f3a...`. */
  readonly url: string
  readonly server: TestServer
  readonly drop: () => Promise<void>
}

/** A name that no other test uses: `t_` and 12 random digits. */
export function randomName(prefix = 't'): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`
}

/** Creates an empty schema with a random name; the caller drops it. */
export async function createSchema(prefix = 't', given?: TestServer): Promise<TestSchema> {
  const server = given ?? testServer()
  const name = randomName(prefix)
  await run(server.url, `CREATE DATABASE \`${name}\``)
  return { name, server, url: `${server.url}/${name}`, drop: () => dropSchemas(server.url, name) }
}

/** To be called at the top of a test file: gives it a schema of its own from its first test to its last. */
export function withSchema(
  prefix = 't',
  server: () => TestServer | Promise<TestServer> = testServer,
): () => TestSchema {
  let schema: TestSchema | undefined
  beforeAll(async () => {
    schema = await createSchema(prefix, await server())
  })
  afterAll(() => schema?.drop())
  return () => {
    if (schema === undefined) throw new Error('a schema of withSchema() exists only while tests run')
    return schema
  }
}

/** Drops every schema whose name starts with `prefix` (for tests that create several under one prefix). */
export async function dropSchemas(url: string, prefix: string): Promise<void> {
  const connection = await createConnection({ uri: url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW DATABASES')
    await connection.query('SET foreign_key_checks = 0, lock_wait_timeout = 5')
    for (const name of rows.map((row) => String(row['Database'])).filter((database) => database.startsWith(prefix))) {
      const drop = () => connection.query(`DROP DATABASE IF EXISTS \`${name}\``)
      await drop().catch(async (error: unknown) => {
        if (!hasNumber(error, serverErrors.lockWaitTimeout)) throw error
        await endUsers(connection, name)
        await drop()
      })
    }
  } finally {
    await connection.end()
  }
}

/**
 * Ends the connections that use a schema: what a failed test left in a transaction. A DROP that waits for one holds up every question for
 * INNODB_TABLES on the server, and with it tests of other files.
 */
async function endUsers(connection: Connection, schema: string): Promise<void> {
  const users = 'SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID()'
  const [rows] = await connection.query<RowDataPacket[]>(users, [schema])
  for (const row of rows) await connection.query(`KILL ${Number(row['ID'])}`).catch(() => undefined)
}

async function run(url: string, sql: string): Promise<void> {
  const connection = await createConnection({ uri: url })
  try {
    await connection.query(sql)
  } finally {
    await connection.end()
  }
}

/**
 * The question for scratch schemas that a run left behind. While a run uses one it holds the lock of its name, so those of test files side by
 * side do not count.
 */
export const selectLeftScratch =
  "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'wwdb!_scratch!_%' ESCAPE '!' AND IS_FREE_LOCK(LEFT(SCHEMA_NAME,25))=1"
