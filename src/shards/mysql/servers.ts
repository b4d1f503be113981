import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { KeySource } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import { type KeyCensus, shardServers } from '../ports.ts'
import { openMysqlShardStore } from './store.ts'

/** The MySQL servers that hold shards. */
export const driver = driverOf(shardServers, (door) => ({
  open: async (database, timeouts, writable, leader) => {
    if (database.vitess === undefined) return openMysqlShardStore(door, database, timeouts, writable, leader ?? null)
    const { openVtgateShardStore } = await import('./vitess/store.ts')
    return openVtgateShardStore(door, database, database.vitess, timeouts, writable)
  },
  readKeys: (database, timeouts, source) => readKeys(door, database, timeouts, source),
}))

/** Keys per answer. */
const page = 10_000

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

/**
 * Every key of a source, on its own connection, in one snapshot and in pages. Null where its table does not exist. Throws
 * ToolError `KEY_INVALID` for a column that does not contain integers, and for a negative one: keys become names of tables.
 */
async function readKeys(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  source: KeySource,
): Promise<KeyCensus | null> {
  const place = placeOf(database, timeouts)
  const { target } = place
  const connection = await door.open(place, { writable: false, purpose: 'work', transaction: true })
  try {
    if (!(await hasKeys(connection, target, source))) return null
    await connection.ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    return await readPages(connection, target, source)
  } catch (error) {
    throw translateRunError(error, target)
  } finally {
    await connection.close()
  }
}

/** False where its table does not exist, or is not visible to this user. */
async function hasKeys(connection: Connection, target: Target, source: KeySource): Promise<boolean> {
  const { rows } = await connection.ask(
    `SELECT COLUMN_NAME,DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(target.schema)} AND TABLE_NAME=${quoteString(source.table)}`,
  )
  if (rows.length === 0) return false
  const typeOf = new Map(rows.map((row) => [String(row[0]).toLowerCase(), String(row[1]).toLowerCase()]))
  const type = typeOf.get(source.column.toLowerCase())
  if (type !== undefined && integers.has(type)) return true
  const why = type === undefined ? 'the column does not exist' : `it is of the type ${type}, not an integer`
  throw keyInvalid(target, `The column \`${source.table}.${source.column}\` does not hold shard keys`, why)
}

async function readPages(connection: Connection, target: Target, source: KeySource): Promise<KeyCensus> {
  const column = quoteName(source.column)
  const deleted = source.deletedAt === null ? '0' : `MIN(${quoteName(source.deletedAt)} IS NOT NULL)`
  const census = { present: [] as string[], deleted: [] as string[] }
  for (let after: string | null = null; ; ) {
    const where = after === null ? `${column} IS NOT NULL` : `${column}>${after}`
    const { rows } = await connection.ask(
      `SELECT ${ownHint} CAST(${column} AS CHAR),${deleted} FROM ${quoteName(source.table)} WHERE ${where} GROUP BY ${column} ORDER BY ${column} LIMIT ${page}`,
    )
    for (const [cell, gone] of rows) {
      const key = requireKey(target, source, String(cell))
      const list = Number(gone) === 1 ? census.deleted : census.present
      list.push(key)
    }
    if (rows.length < page) return census
    after = String(rows.at(-1)?.[0])
  }
}

function requireKey(target: Target, { table, column }: KeySource, text: string): string {
  if (/^\d{1,20}$/.test(text)) return text
  throw keyInvalid(target, `${text} in \`${table}.${column}\` is not a shard key`, 'keys are whole numbers from 0')
}

function keyInvalid({ database, server }: Target, what: string, why: string): ToolError {
  const next = 'Name an integer column in the line `wwdb:keys` of the template.'
  return new ToolError('KEY_INVALID', { what, where: { database, server }, why, next })
}
