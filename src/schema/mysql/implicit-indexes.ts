import type { SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/errors.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { UnshownFacts } from '../ports.ts'

const copy = 'wwdb_implicit'
/** A table has 64 indexes at most. */
const tooManyKeys = 1069

/** For tables of another schema of the server, whose copies are created in a scratch schema: by table, without tables that have none. */
export async function findImplicitIn(
  connection: Asker,
  schema: string,
  from: string,
  tables: readonly TableSnapshot[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const implicit = new Map<string, readonly string[]>()
  for (const table of tables) {
    if (table.foreignKeys.length === 0) continue
    const names = await findImplicit(connection, schema, table, from)
    if (names.length > 0) implicit.set(table.name, names)
  }
  return implicit
}

/** What no SHOW statement prints of a scratch schema, and the default definer. */
export async function readUnshown(
  connection: Asker,
  schema: string,
  { objects }: SchemaSnapshot,
  isLeft: boolean,
): Promise<UnshownFacts> {
  const implicit = new Map<string, readonly string[]>()
  for (const object of objects) {
    if (object.type !== 'table' || (object.foreignKeys.length === 0 && !isLeft)) continue
    const names = await findImplicit(connection, schema, object)
    if (names.length > 0) implicit.set(object.name, names)
  }
  const { rows } = await connection.ask('SELECT CURRENT_USER()')
  return { implicit, user: String(rows[0]?.[0]) }
}

/**
 * The indexes of a table of a scratch schema that MySQL created for foreign keys: a later index that also serves the key replaces them, and no output of
 * the server shows which they are. A copy of the definition keeps that property and is tested: indexes of the same columns are added to it, and the
 * indexes that disappear were implicit (8.0.12 and 9.7).
 */
async function findImplicit(
  connection: Asker,
  schema: string,
  { name, indexes }: TableSnapshot,
  from = schema,
): Promise<readonly string[]> {
  const plain = indexes.filter(({ text }) => /^KEY `(?:[^`]|``)*` \((?:`(?:[^`]|``)*`,?)+\)$/.test(text))
  if (plain.length === 0) return []
  const place = quoteQualified(schema, copy)
  const [mode] = (await connection.ask('SELECT @@SESSION.sql_mode')).rows[0] ?? []
  try {
    // Under the pinned mode, a default that was created under another one, such as a zero date, would be refused.
    await connection.ask("SET SESSION sql_mode=''")
    await connection.ask(`CREATE TABLE ${place} LIKE ${quoteQualified(from, name)}`)
    const adds = plain.map(({ columns }, at) => `ADD INDEX wwdb_probe_${at} (${columns.map(quoteName).join(',')})`)
    await connection.ask(`ALTER TABLE ${place} ${adds.join(',')}`)
    const { rows } = await connection.ask(`SHOW INDEX FROM ${place}`)
    const left = new Set(rows.map((row) => String(row[2])))
    return plain.map((index) => index.name).filter((index) => !left.has(index))
  } catch (error) {
    if (hasNumber(error, tooManyKeys)) return []
    throw error
  } finally {
    await connection.ask(`DROP TABLE IF EXISTS ${place}`)
    await connection.ask(`SET SESSION sql_mode=${quoteString(String(mode))}`)
  }
}
