import type { Connection } from '../connection.ts'
import { quoteQualified, quoteString } from '../literals.ts'

type Asker = Pick<Connection, 'ask' | 'askAll'>

/** Texts of SHOW CREATE TABLE, all in one packet; what is not there (or is a view) is left out. */
export async function readTableDefinitions(
  connection: Asker,
  schema: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (tables.length === 0) return new Map()
  const { rows } = await connection.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE ${among(schema, tables)} AND TABLE_TYPE='BASE TABLE'`,
  )
  const present = rows.map((row) => String(row[0]))
  if (present.length === 0) return new Map()
  const texts = present.map((table) => `SHOW CREATE TABLE ${quoteQualified(schema, table)}`)
  const answers = await connection.askAll(texts.join(';'))
  return new Map(present.map((table, index) => [table, String(answers[index]?.rows[0]?.[1] ?? '')]))
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
  return new Map(rows.map((row) => [String(row[0]), Number(row[1] ?? 0)]))
}

function among(schema: string, tables: readonly string[]): string {
  return `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${tables.map(quoteString).join(',')})`
}
