import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Asker, Cell, Connection } from '../../mysql/connection.ts'
import { readDisk } from '../../mysql/data-disk.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { encodeName, likeSchema, readOrNull, rowVersionLimit } from '../../mysql/innodb-tables.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { ShardStorage } from '../fan-out/ports.ts'
import type { LiveTable, ServerLimits, TableTrigger } from '../ports.ts'
import { isHoldName } from '../shard.ts'

/** Only names and kinds: the server has everything but statistics in its dictionary, 10,000 tables in some 50 ms. */
export async function listTables(connection: Connection, schema: string): Promise<readonly LiveTable[]> {
  const { rows } = await connection.ask(
    `SELECT TABLE_NAME,TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} ORDER BY TABLE_NAME`,
  )
  const tables = rows.map(([name, type]) => ({ name: String(name), type: type === 'VIEW' ? 'view' : 'table' }) as const)
  const kept = await readKept(connection, schema, new Set(tables.map(({ name }) => name)))
  return tables.map((table) => (kept.has(table.name) ? { ...table, isKept: true as const } : table))
}

/** Where online changes and retirements record the hold names under which they keep tables. */
const keepers = ['wwdb_online', 'wwdb_shard_online', 'wwdb_retired'] as const

/** Asks only where a table has such a name, and a record of one can be there. */
async function readKept(
  connection: Connection,
  schema: string,
  tables: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const there = keepers.filter((table) => tables.has(table))
  if (there.length === 0 || ![...tables].some(isHoldName)) return new Set()
  const asked = there.map((table) => `SELECT details->>'$.hold' FROM ${quoteQualified(schema, table)}`)
  const { rows } = await connection.ask(asked.join(' UNION '))
  return new Set(rows.map(([name]) => String(name)))
}

/** Empty where its table does not exist. */
export async function readColumns(connection: Connection, schema: string, table: string): Promise<readonly string[]> {
  const { rows } = await connection.ask(
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} ORDER BY ORDINAL_POSITION`,
  )
  return rows.map((row) => String(row[0]))
}

/** All triggers of a schema that this user may see, by table, in one query. Without the TRIGGER privilege none are visible. */
export async function readTriggers(
  connection: Asker,
  schema: string,
): Promise<ReadonlyMap<string, readonly TableTrigger[]>> {
  const { rows } = await connection.ask(
    `SELECT EVENT_OBJECT_TABLE,TRIGGER_NAME,ACTION_TIMING,EVENT_MANIPULATION,ACTION_ORDER,ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${quoteString(schema)}`,
  )
  const triggers = new Map<string, TableTrigger[]>()
  for (const [table, name, timing, event, order, body] of rows) {
    const own = triggers.get(String(table)) ?? []
    triggers.set(String(table), own)
    own.push({
      name: String(name),
      timing: String(timing),
      event: String(event),
      order: Number(order),
      body: String(body),
    })
  }
  return triggers
}

const branch = /\bfrom `((?:[^`]|``)+)`\.`((?:[^`]|``)+)`/gi

/**
 * The tables that a view reads, in the order of its branches, from its text on the server. Throws ToolError
 * `VIEW_UNREADABLE` where this user may not see that text: a view whose tables are unknown would break.
 */
export async function readViewTables(connection: Connection, target: Target, view: string): Promise<readonly string[]> {
  const { rows } = await connection.ask(
    `SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA=${quoteString(target.schema)} AND TABLE_NAME=${quoteString(view)}`,
  )
  const [row] = rows
  if (row === undefined) return []
  const text = String(row[0] ?? '')
  if (text === '')
    throw new ToolError('VIEW_UNREADABLE', {
      what: `The definition of the view '${view}' cannot be read.`,
      where: { database: target.database, server: target.server },
      next: `Grant the user SHOW VIEW on \`${target.schema}.*\`.`,
    })
  return [...text.matchAll(branch)].flatMap(([, schema, table]) =>
    schema?.replaceAll('``', '`') === target.schema && table !== undefined ? [table.replaceAll('``', '`')] : [],
  )
}

/** The limits on the number of tables on the server. Needs no privilege. */
export async function readServerLimits(connection: Asker): Promise<ServerLimits> {
  const { rows } = await connection.ask(
    'SELECT @@GLOBAL.table_definition_cache,@@GLOBAL.innodb_open_files,@@GLOBAL.open_files_limit,@@GLOBAL.datadir,@@GLOBAL.server_uuid',
  )
  const [definitions, innodbFiles, files, folder, uuid] = rows[0] ?? []
  return {
    tableDefinitionCache: toLimit(definitions),
    innodbOpenFiles: toLimit(innodbFiles),
    openFilesLimit: toLimit(files),
    disk: await readDisk(String(folder), String(uuid)),
  }
}

function toLimit(value: Cell | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}

/** Texts of SHOW CREATE TABLE; missing tables and views are left out. */
export async function readTableDefinitions(
  connection: Asker,
  schema: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const table of tables) {
    const text = await readDefinition(connection, schema, table)
    if (text !== null) texts.set(table, text)
  }
  return texts
}

async function readDefinition(connection: Asker, schema: string, table: string): Promise<string | null> {
  try {
    const { rows } = await connection.ask(`SHOW CREATE TABLE ${quoteQualified(schema, table)}`)
    const text = String(rows[0]?.[1] ?? '')
    return text.startsWith('CREATE TABLE') ? text : null
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownTable)) return null
    throw error
  }
}

/** Bytes of data and indexes, by InnoDB's own count: the cached values of information_schema may be a day old. */
export async function readTableBytes(
  connection: Asker,
  schema: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (tables.length === 0) return new Map()
  await connection.ask('SET SESSION information_schema_stats_expiry=0')
  const { rows } = await connection.ask(
    `SELECT TABLE_NAME,DATA_LENGTH+INDEX_LENGTH FROM information_schema.TABLES WHERE ${among(schema, tables)}`,
  )
  const wanted = new Set(tables)
  return new Map(
    rows.filter((row) => wanted.has(String(row[0]))).map((row) => [String(row[0]), Number(row[1] ?? 0)] as const),
  )
}

/** For a longer list, wwdb filters itself: the server would compare each table with each name. */
const chosenByServer = 200

function among(schema: string, tables: readonly string[]): string {
  if (tables.length > chosenByServer) return `TABLE_SCHEMA=${quoteString(schema)}`
  return `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${tables.map(quoteString).join(',')})`
}

/** Empty where the account may not read them, or would have to wait. */
async function readRows(connection: Asker, text: string): Promise<readonly (readonly unknown[])[]> {
  try {
    return (await readOrNull(connection, text)) ?? []
  } catch (error) {
    if (hasNumber(error, serverErrors.lockWaitTimeout)) return []
    throw error
  }
}

/** One number per table; for partitions, `join` combines theirs. InnoDB's names: `schema/table#p#partition`. */
async function readNumbers(
  connection: Asker,
  text: string,
  join: (one: number, other: number) => number,
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>()
  for (const [name, value] of await readRows(connection, text)) {
    const own = String(name).split(/#p#/i)[0] ?? ''
    numbers.set(own, join(numbers.get(own) ?? 0, Number(value)))
  }
  return numbers
}

/**
 * What InnoDB's own tables say. Measured on 9.7: INNODB_TABLES waits for every table of the server that an ALTER waits for,
 * so it gets one second; without an answer nothing is known, and the run continues.
 */
export async function readStorage(
  connection: Asker,
  schema: string,
  version: string,
  tables: readonly string[],
): Promise<ShardStorage> {
  const limit = rowVersionLimit(version)
  if (tables.length === 0) return { limit, used: new Map(), bytes: new Map() }
  const own = `NAME LIKE ${likeSchema(schema)}`
  const versions = `SELECT NAME,TOTAL_ROW_VERSIONS FROM information_schema.INNODB_TABLES WHERE TOTAL_ROW_VERSIONS>0 AND ${own}`
  const sizes = `SELECT NAME,FILE_SIZE FROM information_schema.INNODB_TABLESPACES WHERE ${own}`
  const { rows } = await connection.ask('SELECT @@SESSION.lock_wait_timeout')
  await connection.ask('SET SESSION lock_wait_timeout=1')
  try {
    const used = await readNumbers(connection, versions, Math.max)
    const bytes = await readNumbers(connection, sizes, (one, other) => one + other)
    return { limit, used: choose(used, schema, tables), bytes: choose(bytes, schema, tables) }
  } finally {
    await connection.ask(`SET SESSION lock_wait_timeout=${Number(rows[0]?.[0])}`)
  }
}

function choose(
  numbers: ReadonlyMap<string, number>,
  schema: string,
  tables: readonly string[],
): ReadonlyMap<string, number> {
  const chosen = new Map<string, number>()
  for (const table of tables) {
    const number = numbers.get(`${encodeName(schema)}/${encodeName(table)}`)
    if (number !== undefined) chosen.set(table, number)
  }
  return chosen
}
