import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { type Connection, onConnectionLost, type Row } from '../../mysql/connection.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { type KeyGroup, type KeyReader, type KeySide, keyReaders } from '../ports.ts'
import {
  columnName,
  comparable,
  describeTables,
  exactText,
  groupBy,
  identityOf,
  isLossless,
  toGroup,
} from './key-columns.ts'

/** A chunk is full when it has this many keys, or literals of this many characters: a query must fit in a packet. */
const chunkKeys = 5000
const chunkCharacters = 500_000
/** Keys that are looked up individually in one statement. */
const batchKeys = 100

/** Rows of a table with a key; with `absentFrom`, those whose key has no match there. */
function fromRows(side: KeySide, absentFrom: KeySide | null): string {
  const conditions = side.columns.map((column) => `${columnName('c', column)} IS NOT NULL`)
  let join = ''
  if (absentFrom !== null) {
    const pairs = side.columns.flatMap((column, index) => {
      const partner = absentFrom.columns[index]
      return partner === undefined ? [] : [`${columnName('p', partner)}=${columnName('c', column)}`]
    })
    join = ` LEFT JOIN ${quoteQualified(absentFrom.schema, absentFrom.table)} p ON ${pairs.join(' AND ')}`
    // Where the keys are equal, the match's column is not NULL.
    conditions.push(...absentFrom.columns.slice(0, 1).map((column) => `${columnName('p', column)} IS NULL`))
  }
  return `FROM ${quoteQualified(side.schema, side.table)} c${join} WHERE ${conditions.join(' AND ')}`
}

/** The distinct keys of a table and their row counts; with `absentFrom`, only keys without a match there. */
function selectKeys(side: KeySide, absentFrom: KeySide | null): string {
  const texts = side.columns.map((column) => exactText('c', column))
  const groups = side.columns.map((column) => groupBy('c', column)).join(',')
  return `SELECT ${ownHint} ${texts.join(',')},COUNT(*) ${fromRows(side, absentFrom)} GROUP BY ${groups} ORDER BY ${groups}`
}

/** Tables that one statement reads: it holds the metadata locks of all of them. */
const mostTables = 32

async function findDangling(
  connection: Connection,
  sides: readonly KeySide[],
  parent: KeySide,
): Promise<ReadonlySet<string>> {
  const dangling = new Set<string>()
  for (let at = 0; at < sides.length; at += mostTables) {
    const asked = sides.slice(at, at + mostTables)
    const questions = asked.map(
      (side, index) => `SELECT ${index === 0 ? `${ownHint} ` : ''}${index},EXISTS(SELECT 1 ${fromRows(side, parent)})`,
    )
    const { rows } = await connection.ask(questions.join(' UNION ALL '))
    for (const [index, found] of rows) {
      const side = asked[Number(index)]
      if (side !== undefined && Number(found) === 1) dangling.add(side.table)
    }
  }
  return dangling
}

/** Reads row by row: the server has to wait while a chunk is processed, so that only one is in memory. */
async function* streamKeys(
  connection: Connection,
  side: KeySide,
  absentFrom: KeySide | null,
  drop: () => void,
): AsyncGenerator<readonly KeyGroup[]> {
  let ended = false
  let unsubscribe = (): unknown => undefined
  try {
    await connection.ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    const rows = connection.raw.query({ sql: selectKeys(side, absentFrom), rowsAsArray: true }).stream()
    unsubscribe = onConnectionLost(connection.raw, (error) =>
      rows.destroy(error instanceof Error ? error : new Error(String(error))),
    )
    let chunk: KeyGroup[] = []
    let characters = 0
    for await (const row of rows as AsyncIterable<Row>) {
      const group = toGroup(side, row)
      chunk.push(group)
      characters += group.literals.reduce((sum, literal) => sum + literal.length, 0)
      if (chunk.length < chunkKeys && characters < chunkCharacters) continue
      yield chunk
      chunk = []
      characters = 0
    }
    if (chunk.length > 0) yield chunk
    ended = true
    await connection.ask('COMMIT')
  } finally {
    unsubscribe()
    // After an early return, the rest of the answer is still arriving.
    if (!ended) drop()
  }
}

/** `(x,y) IN ((1,2),(3,4))` finds most keys with one index lookup each; the results are compared here, exactly. */
async function findExact(
  connection: Connection,
  side: KeySide,
  keys: readonly KeyGroup[],
): Promise<ReadonlySet<string>> {
  const single = side.columns.length === 1
  const wrap = (parts: readonly string[]): string => (single ? parts.join('') : `(${parts.join(',')})`)
  const literals = (key: KeyGroup): readonly string[] =>
    side.columns.map((column, index) => comparable(column, key.literals[index] ?? 'NULL'))
  const { rows } = await connection.ask(
    `SELECT ${ownHint} DISTINCT ${side.columns.map((column) => exactText('p', column)).join(',')} ` +
      `FROM ${quoteQualified(side.schema, side.table)} p ` +
      `WHERE ${wrap(side.columns.map((column) => columnName('p', column)))} IN (${keys.map((key) => wrap(literals(key))).join(',')})`,
  )
  return new Set(rows.map((row) => identityOf(toGroup(side, row))))
}

/**
 * Asks for each key on its own: keys that differ in their characters may still be equal by the table's collation or
 * type.
 */
async function findUnequal(
  connection: Connection,
  side: KeySide,
  keys: readonly KeyGroup[],
): Promise<readonly KeyGroup[]> {
  const table = quoteQualified(side.schema, side.table)
  const questions = keys.map(({ literals }) => {
    const equal = side.columns.flatMap((column, index) => {
      const literal = literals[index] ?? 'NULL'
      const lossless = isLossless(column, literal)
      return [`${columnName('p', column)}=${comparable(column, literal)}`, ...(lossless === null ? [] : [lossless])]
    })
    return `EXISTS(SELECT 1 FROM ${table} p WHERE ${equal.join(' AND ')})`
  })
  // One column under one name: the driver caches the shape of rows, and keys in the names would make each shape a new
  // one.
  const { rows } = await connection.ask(`SELECT ${ownHint} CONCAT(${questions.join(',')}) AS found`)
  const found = String(rows[0]?.[0])
  return keys.filter((_, index) => found[index] === '0')
}

async function findMissing(
  connection: Connection,
  side: KeySide,
  keys: readonly KeyGroup[],
): Promise<readonly KeyGroup[]> {
  if (keys.length === 0) return []
  const exact = await findExact(connection, side, keys)
  const rest = keys.filter((key) => !exact.has(identityOf(key)))
  const missing: KeyGroup[] = []
  for (let at = 0; at < rest.length; at += batchKeys) {
    missing.push(...(await findUnequal(connection, side, rest.slice(at, at + batchKeys))))
  }
  return missing
}

async function* translated<T>(items: AsyncIterable<T>, target: Target): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    throw translateRunError(error, target)
  }
}

/** The servers as holders of both ends of references. */
export const driver = driverOf(keyReaders, (door) => (database, timeouts) => openKeyReader(door, database, timeouts))

/** Opens a connection that reads keys on the database's server. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
async function openKeyReader(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<KeyReader> {
  const place = placeOf(database, timeouts, null)
  const { target } = place
  const connection = await door.open(place, { writable: false, purpose: 'work' })
  let dropped = false
  const drop = (): void => {
    dropped = true
    connection.destroy()
  }
  const translating = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw translateRunError(error, target)
    }
  }
  // While another server looks a chunk up, this connection must not time out.
  await translating(() => connection.ask('SET SESSION net_write_timeout=3600'))
  return {
    describe: (schema, tables) => translating(() => describeTables(connection, schema, tables)),
    findDangling: (sides, parent) => translating(() => findDangling(connection, sides, parent)),
    readKeys: (side, absentFrom) => translated(streamKeys(connection, side, absentFrom, drop), target),
    findMissing: (side, keys) => translating(() => findMissing(connection, side, keys)),
    close: async () => {
      if (!dropped) await connection.close()
    },
  }
}
