import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/server-errors.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'

type Asker = Pick<Connection, 'ask'>

/** Texts of SHOW CREATE TABLE; what is not there any more, or is a view, is left out. */
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

/** Bytes of data and indexes, by InnoDB's own count: what information_schema has cached may be a day old. */
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

/** More names than this are chosen by us: the server would compare each table with each of them. */
const chosenByServer = 200

function among(schema: string, tables: readonly string[]): string {
  if (tables.length > chosenByServer) return `TABLE_SCHEMA=${quoteString(schema)}`
  return `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${tables.map(quoteString).join(',')})`
}
