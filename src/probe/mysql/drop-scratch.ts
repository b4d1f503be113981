import { leaveBinaryLog } from '../../mysql/binary-log.ts'
import type { Asker, Connection } from '../../mysql/connection.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'

/**
 * The number of tables in a scratch schema from which several connections drop them: the server waits for its disk at
 * each one.
 */
const manyTables = 64

/** Connections that drop in parallel, and tables that each drops in one statement. */
const dropping = { connections: 7, tables: 16 }

/**
 * What remains after a failure is dropped by the next run; the failure must not be hidden.
 * @param connect opens another connection to the server, in no schema; absent where the schemas have few tables
 */
export async function dropScratch(
  connection: Asker,
  lock: string,
  schemas: readonly string[],
  connect?: () => Promise<Connection>,
): Promise<void> {
  await connection.ask('SET SESSION foreign_key_checks=0').catch(() => undefined)
  if (connect !== undefined) await dropTables(connection, schemas, connect).catch(() => undefined)
  const drops = schemas.map((schema) => `DROP SCHEMA IF EXISTS ${quoteName(schema)}`)
  for (const text of [...drops, `SELECT RELEASE_LOCK(${quoteString(lock)})`])
    await connection.ask(text).catch(() => undefined)
}

/** Drops the tables of large schemas, on several connections in parallel. DROP SCHEMA drops the rest. */
async function dropTables(
  connection: Asker,
  schemas: readonly string[],
  connect: () => Promise<Connection>,
): Promise<void> {
  const names = schemas.map(quoteString).join(',')
  const { rows } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${names}) AND TABLE_TYPE='BASE TABLE'`,
  )
  if (rows.length < manyTables) return
  const tables = rows.map(([schema, name]) => quoteQualified(String(schema), String(name)))
  await Promise.allSettled(
    Array.from({ length: dropping.connections }, async () => {
      const other = await connect()
      try {
        await leaveBinaryLog(other)
        await other.ask('SET SESSION foreign_key_checks=0')
        while (tables.length > 0) await other.ask(`DROP TABLE IF EXISTS ${tables.splice(0, dropping.tables).join(',')}`)
      } finally {
        await other.close()
      }
    }),
  )
}
