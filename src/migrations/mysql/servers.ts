import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Holder } from '../../core/holder.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf, type MysqlConnection } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { findSchema, schemaExists } from '../../mysql/find-schema.ts'
import { nameLock } from '../../mysql/lock.ts'
import { askPrimaries, closePrimaries, connectPrimaries } from '../../mysql/other-primaries.ts'
import { placeOf } from '../../mysql/place.ts'
import { readProgress } from '../../mysql/statement-progress.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import { type Administration, type SeenSchema, targetServers } from '../ports.ts'
import { type IsAlive, readHolder, readWorkers } from './holders.ts'
import { openMysqlSession } from './session.ts'
import { translatingErrors } from './translate-errors.ts'

/** The MySQL servers behind the targets. */
export const driver = driverOf(targetServers, (door) => ({
  open: async (database, timeouts, writable) => {
    if (database.vitess === undefined) return openMysqlSession(door, database, timeouts, writable)
    const { openVtgateSession } = await import('./vitess/session.ts')
    return openVtgateSession(door, database, database.vitess, timeouts)
  },
  administrate: async (database, timeouts) => {
    if (database.vitess === undefined) return administrateMysql(door, database, timeouts)
    const { administrateKeyspace } = await import('./vitess/administration.ts')
    return administrateKeyspace(door, database, database.vitess, timeouts)
  },
  openMany: async (...request) => (await import('./many-schemas.ts')).openManySchemas(door, ...request),
}))

async function describeSchema(
  connection: Connection,
  schema: string,
): Promise<{ readonly tables: number; readonly rows: number }> {
  const { rows } = await connection.ask(
    `SELECT COUNT(*),CAST(COALESCE(SUM(TABLE_ROWS),0) AS SIGNED) FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE' AND TABLE_NAME NOT IN ('wwdb_journal','wwdb_schema','wwdb_runs') AND TABLE_SCHEMA=${quoteString(schema)}`,
  )
  return { tables: Number(rows[0]?.[0] ?? 0), rows: Number(rows[0]?.[1] ?? 0) }
}

async function listSchemas(connection: Connection, columnsOf: readonly string[]): Promise<readonly SeenSchema[]> {
  const { rows } = await connection.ask(
    `SELECT s.SCHEMA_NAME,t.TABLE_NAME FROM information_schema.SCHEMATA s LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA=s.SCHEMA_NAME AND t.TABLE_TYPE='BASE TABLE' WHERE s.SCHEMA_NAME NOT IN ('mysql','sys','information_schema','performance_schema','mysql_innodb_cluster_metadata') AND s.SCHEMA_NAME NOT LIKE 'wwdb\\_scratch%' ORDER BY s.SCHEMA_NAME,t.TABLE_NAME`,
  )
  const seen = new Map<string, string[]>()
  for (const [schema, table] of rows) {
    const tables = seen.get(String(schema)) ?? []
    if (typeof table === 'string') tables.push(table)
    seen.set(String(schema), tables)
  }
  const columns = columnsOf.length === 0 ? new Map() : await readColumns(connection, columnsOf)
  return [...seen].map(([name, tables]) => ({ name, tables, columns: columns.get(name) ?? new Map() }))
}

/** By schema and table. */
async function readColumns(
  connection: Connection,
  tables: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>> {
  const { rows } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_NAME IN (${tables.map(quoteString).join(',')}) ORDER BY TABLE_SCHEMA,TABLE_NAME,ORDINAL_POSITION`,
  )
  const found = new Map<string, Map<string, string[]>>()
  for (const [schema, table, column] of rows) {
    const ofSchema = found.get(String(schema)) ?? new Map<string, string[]>()
    ofSchema.set(String(table), [...(ofSchema.get(String(table)) ?? []), String(column)])
    found.set(String(schema), ofSchema)
  }
  return found
}

async function killHolder(connection: Connection, connectionId: number, target: Target): Promise<void> {
  try {
    await connection.ask(`KILL ${connectionId}`)
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownThread)) return
    if (!hasNumber(error, 1095, 1227)) throw error
    throw new ToolError('KILL_DENIED', {
      what: `Connection ${connectionId} belongs to another user, and this account cannot kill it.`,
      where: { server: target.server },
      next: 'Connect as that user, or GRANT CONNECTION_ADMIN ON *.* to this one.',
    })
  }
}

/** A run in a group with several primaries holds its lock on each of them. */
async function readLockHolder(connection: MysqlConnection, schema: string, isAlive: IsAlive): Promise<Holder | null> {
  const read = (there: Connection): Promise<Holder | null> => readHolder(there, nameLock(schema), schema, isAlive)
  const here = await read(connection)
  if (here !== null) return here
  const elsewhere = await askPrimaries(connection, (primary) => read(primary.connection))
  return elsewhere.find((holder) => holder !== null) ?? null
}

/**
 * On every primary of the group: the numbers of connections differ from one to the next. All are read before the first is killed: the locks that a killed run leaves go
 * to the next run at once.
 */
async function killEverywhere(connection: MysqlConnection, lock: string, target: Target): Promise<void> {
  const others = await connectPrimaries(connection)
  try {
    const places = [{ connection, server: target.server }, ...others]
    const read = ({ connection: there }: { readonly connection: Connection }) =>
      there.ask(`SELECT IS_USED_LOCK('${lock}')`)
    const holders = await Promise.all(places.map(read))
    for (const [index, { connection: there, server }] of places.entries()) {
      const holder = holders[index]?.rows[0]?.[0] ?? null
      if (holder !== null) await killHolder(there, Number(holder), { ...target, server })
    }
  } finally {
    await closePrimaries(others)
  }
}

/** Opens a connection without a schema, for `db` and `lock` commands. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
async function administrateMysql(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<Administration> {
  const place = placeOf(database, timeouts, null)
  const { target } = place
  const { schema } = database
  const { isAlive } = door.process
  const connection = await door.open(place, { writable: false, purpose: 'work', transaction: true })
  const reported = <T>(work: () => Promise<T>): Promise<T> => translatingErrors(target, work)
  return {
    version: connection.facts.version,
    findSchema: () => reported(() => findSchema(connection, schema)),
    schemaExists: () => reported(() => schemaExists(connection, schema)),
    createSchema: () =>
      reported(async () => {
        if (await schemaExists(connection, schema)) return 'exists'
        await connection.ask(
          `CREATE DATABASE IF NOT EXISTS ${quoteName(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
        )
        connection.note('The schema was created.')
        return 'created'
      }),
    dropSchema: () =>
      reported(async () => {
        if (!(await schemaExists(connection, schema))) return 'absent'
        await connection.ask(`DROP DATABASE IF EXISTS ${quoteName(schema)}`)
        connection.note(`\`${schema}\` was dropped at ${target.server}.`)
        return 'dropped'
      }),
    describeSchema: () => reported(() => describeSchema(connection, schema)),
    listSchemas: (columnsOf) => reported(() => listSchemas(connection, columnsOf)),
    readLock: () => reported(() => readLockHolder(connection, schema, isAlive)),
    readWorkerLocks: () => reported(() => readWorkers(connection, schema, isAlive)),
    readProgress: (connectionId) => reported(() => readProgress(connection, connectionId)),
    killHolder: async (connectionId) => {
      connection.note(`Connection ${connectionId}, which held the lock, was killed.`)
      await reported(async () => {
        const isSpread = connection.facts.severalPrimaries === true
        const holder = isSpread ? await readLockHolder(connection, schema, isAlive) : null
        if (holder?.connectionId === connectionId) await killEverywhere(connection, nameLock(schema), target)
        else await killHolder(connection, connectionId, target)
      })
    },
    close: () => connection.close(),
  }
}
