import { groupBy } from '../../core/group-by.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import { translatingVtgate } from '../../migrations/mysql/vitess/errors.ts'
import type { Asker, Connection } from '../../mysql/connection.ts'
import { driverOf } from '../../mysql/door.ts'
import { readShards } from '../../mysql/keyspace-schema.ts'
import { placeOf } from '../../mysql/place.ts'
import { findSequences, readIsSharded, readVschemaTable } from '../../mysql/vschema.ts'
import { pinBeside } from '../../mysql/vtgate.ts'
import { readCopyColumns } from '../../operate/mysql/copy-columns.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import {
  type KeyedRow,
  type MoveKeyspace,
  type MoveSource,
  moveServers,
  type RowPage,
  type SequenceRow,
  type UniqueIndex,
} from '../move/ports.ts'
import { throughFence } from '../move/workflow-commands.ts'
import type { RowCount } from '../shard.ts'
import { readLacking } from './move-rights.ts'
import { measureColumns, readRowColumns, rowText } from './row-text.ts'
import { insideOf } from './store.ts'
import { ShardReader, sumCounts } from './vitess/at-shards.ts'

/** The shards on MySQL, and the table of a keyspace that takes their place. */
export const driver = driverOf(moveServers, (door) => ({
  sourceOf: (store): MoveSource => {
    const { connection } = insideOf(store)
    const { target } = store
    const { schema } = target
    const guarded = <T>(work: () => Promise<T>): Promise<T> => translatingErrors(target, work)
    /** On a connection of its own: that of the lock does what the run waits for. */
    const beside = <T>(work: (one: Connection) => Promise<T>): Promise<T> =>
      guarded(async () => {
        const one = await connection.beside()
        try {
          await one.ask("SET SESSION time_zone='+00:00'")
          return await work(one)
        } finally {
          await one.close().catch(() => undefined)
        }
      })
    return {
      ask: (text) => guarded(async () => (await connection.ask(text)).rows),
      readLacking: (shard) => beside((one) => readLacking(one, schema, shard)),
      write: (texts) =>
        beside(async (one) => {
          await one.ask(throughFence)
          await one.askAll(['START TRANSACTION', ...texts, 'COMMIT'].join(';'))
        }),
      readColumns: (table) => guarded(() => readCopyColumns(connection, schema, table)),
      readUniqueIndexes: (table) => guarded(() => readUniqueIndexes(connection, schema, table)),
      measure: (table, columns, where) => beside((one) => measure(one, schema, table, columns, where)),
      readPage: (page) => beside((one) => readPage(one, schema, page)),
    }
  },
  openKeyspace: async (database, timeouts): Promise<MoveKeyspace> => {
    const place = placeOf(database, timeouts)
    const { target } = place
    const { schema: keyspace } = target
    const connection = await door.open(place, { writable: false, purpose: 'work', engine: 'vtgate' })
    const guarded = <T>(work: () => Promise<T>): Promise<T> => translatingVtgate(target, work)
    const shards = await guarded(() => readShards(connection, keyspace))
    const isSharded = await guarded(() => readIsSharded(connection, keyspace))
    const reader = new ShardReader(connection, { keyspace, shards, version: connection.facts.version })
    return {
      shards,
      isSharded,
      readColumns: (table) => guarded(() => reader.first((one, schema) => readCopyColumns(one, schema, table))),
      readUniqueIndexes: (table) => guarded(() => reader.first((one, schema) => readUniqueIndexes(one, schema, table))),
      readCounted: (table) => guarded(() => reader.first((one, schema) => readCounted(one, schema, table))),
      readVschemaTable: (table) =>
        guarded(async () =>
          withOwner(connection, await readVschemaTable(connection, keyspace, table, isSharded === true)),
        ),
      readSequence: (owner, sequence) => guarded(() => readSequence(connection, owner, sequence)),
      takeNext: (owner, sequence) => guarded(() => takeNext(connection, owner, sequence)),
      findDuplicates: (table, columns, where) =>
        guarded(async () => {
          const one = await connection.beside({ pin: pinStream })
          try {
            return await findDuplicates(one, quoteQualified(keyspace, table), columns, where)
          } finally {
            await one.close().catch(() => undefined)
          }
        }),
      measure: (table, columns, where) =>
        guarded(async () => sumCounts(await reader.each((one, schema) => measure(one, schema, table, columns, where)))),
      readPage: (page) => guarded(() => mergePages(reader, page)),
      close: async () => {
        await reader.close()
        await connection.close()
      },
    }
  },
}))

async function pinStream(connection: Connection): Promise<void> {
  await pinBeside(connection)
  await connection.ask("SET workload='olap'")
}

async function readUniqueIndexes(connection: Asker, schema: string, table: string): Promise<readonly UniqueIndex[]> {
  const { rows } = await connection.ask(
    `SELECT INDEX_NAME,COLUMN_NAME,SUB_PART FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} AND NON_UNIQUE=0 ORDER BY INDEX_NAME<>'PRIMARY',INDEX_NAME,SEQ_IN_INDEX`,
  )
  return [...groupBy(rows, ([name]) => String(name))].map(([name, parts]) => ({
    name,
    columns: parts.every(([, column, prefix]) => column !== null && prefix === null)
      ? parts.map(([, column]) => String(column))
      : null,
  }))
}

async function readCounted(connection: Asker, schema: string, table: string): Promise<string | null> {
  const { rows } = await connection.ask(
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} AND EXTRA LIKE '%auto_increment%'`,
  )
  const [name] = rows[0] ?? []
  return name === undefined || name === null ? null : String(name)
}

/** The columns in the order that was asked for, as this side has them. */
async function pick(connection: Asker, schema: string, table: string, names: readonly string[]) {
  const known = await readRowColumns(connection, schema, table)
  return names.flatMap((name) => known.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? [])
}

const condition = (where: string | null): string => (where === null ? '' : ` WHERE ${where}`)

async function measure(
  connection: Connection,
  schema: string,
  table: string,
  names: readonly string[],
  where: string | null,
): Promise<RowCount> {
  const columns = await pick(connection, schema, table, names)
  return measureColumns(connection, `${quoteQualified(schema, table)}${condition(where)}`, table, columns)
}

async function readPage(connection: Asker, schema: string, page: RowPage): Promise<readonly KeyedRow[]> {
  const { table, where, after, size } = page
  const columns = await pick(connection, schema, table, page.columns)
  const id = quoteName(page.id)
  const conditions = [...(where === null ? [] : [where]), ...(after === null ? [] : [`${id}>${after}`])]
  const { rows } = await connection.ask(
    `SELECT ${ownHint} CAST(${id} AS CHAR),${rowText(columns)} FROM ${quoteQualified(schema, table)}${condition(conditions.length === 0 ? null : conditions.join(' AND '))} ORDER BY ${id} LIMIT ${size}`,
  )
  return rows.map(([key, text]) => ({
    id: BigInt(String(key)),
    text: text === null || text === undefined ? null : Buffer.isBuffer(text) ? text.toString() : String(text),
  }))
}

/** Of each shard as many rows as are wanted of all: those behind them are not known to be next. */
async function mergePages(reader: ShardReader, page: RowPage): Promise<readonly KeyedRow[]> {
  const found = await reader.each((one, schema) => readPage(one, schema, page))
  return found
    .flat()
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, page.size)
}

/** vtgate does not show where the sequence of a table is. */
async function withOwner(connection: Asker, table: VschemaTable): Promise<VschemaTable> {
  const { autoIncrement } = table
  if (autoIncrement === null) return table
  const [keyspace = null, other] = await findSequences(connection, autoIncrement.sequence.name)
  if (other !== undefined) return table
  return { ...table, autoIncrement: { ...autoIncrement, sequence: { ...autoIncrement.sequence, keyspace } } }
}

const sequenceTable = (keyspace: string | null, sequence: string): string =>
  keyspace === null ? quoteName(sequence) : quoteQualified(keyspace, sequence)

async function readSequence(connection: Asker, keyspace: string | null, sequence: string): Promise<SequenceRow | null> {
  const { rows } = await connection.ask(`SELECT next_id,cache FROM ${sequenceTable(keyspace, sequence)} WHERE id=0`)
  const [next, cache] = rows[0] ?? []
  if (next === undefined || next === null) return null
  return { next: BigInt(String(next)), cache: BigInt(String(cache ?? 0)) }
}

async function takeNext(connection: Asker, keyspace: string | null, sequence: string): Promise<bigint> {
  const { rows } = await connection.ask(`SELECT NEXT VALUE FROM ${sequenceTable(keyspace, sequence)}`)
  return BigInt(String(rows[0]?.[0]))
}

/** A group of values may have its rows at several shards: vtgate counts them, as a stream of more rows than a tablet gives at once. */
async function findDuplicates(
  connection: Asker,
  table: string,
  columns: readonly string[],
  where: string,
): Promise<readonly string[]> {
  const list = columns.map(quoteName).join(',')
  const isThere = columns.map((name) => `${quoteName(name)} IS NOT NULL`).join(' AND ')
  const { rows } = await connection.ask(
    `SELECT ${list},COUNT(*) FROM ${table} WHERE ${where} AND ${isThere} GROUP BY ${list} HAVING COUNT(*)>1 LIMIT 5`,
  )
  return rows.map((row) =>
    row
      .slice(0, columns.length)
      .map((value) => (Buffer.isBuffer(value) ? `X'${value.toString('hex')}'` : String(value)))
      .join(', '),
  )
}
