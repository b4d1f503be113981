import type { SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/errors.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { UnshownFacts } from '../ports.ts'

const copy = 'wwdb_implicit'
/** A table has 64 indexes at most. */
const tooManyKeys = 1069

/** Those of tables of another schema of the server, whose copies are made in a scratch schema: by table, without those that have none. */
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

/** What no SHOW statement prints of a scratch schema, and who makes what has no definer of its own. */
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
 * The indexes of a table of a scratch schema that MySQL made for foreign keys: a later index that serves the key as well takes their place, which nothing
 * that the server prints shows. A copy of the definition keeps that, and is asked: indexes of the same columns are added to it, and what goes then was
 * implicit (8.0.12 and 9.7).
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
    // Under the pinned mode a default that was made under another one, such as a zero date, would be refused.
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
