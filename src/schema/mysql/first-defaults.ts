import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { readDefaults, type SchemaDefaults } from '../../probe/mysql/scratch-area.ts'
import { quoteName } from '../../sql/quote-name.ts'

/** A record that does not exist, or that this user may not read. */
const unreadable = [serverErrors.unknownTable, serverErrors.unknownDatabase, 1044, 1142, 1143]

/**
 * The character set that a schema had before its first migration: tables that state none were created under it. Where its record shows none, its
 * current one. Null where the schema does not exist.
 */
export async function readFirstDefaults(connection: Asker, schema: string): Promise<SchemaDefaults | null> {
  return (
    (await readRecorded(connection, `${quoteName(schema)}.wwdb_schema`)) ?? (await readDefaults(connection, schema))
  )
}

/** @param record the table of the record, quoted */
export async function readRecorded(connection: Asker, record: string): Promise<SchemaDefaults | null> {
  const [charset, collation] = ['charset', 'collation'].map(
    (member) => `JSON_UNQUOTE(JSON_EXTRACT(definition,'$.${member}'))`,
  )
  try {
    const { rows } = await connection.ask(
      `SELECT ${charset},${collation} FROM ${record} ` +
        // A record that was overwritten by other means proves nothing.
        `WHERE kind IN ('start','schema') AND IF(JSON_VALID(definition),JSON_LENGTH(definition,'$.charset')+JSON_LENGTH(definition,'$.collation'),0)>0 ORDER BY kind='start' DESC LIMIT 1`,
    )
    const [row] = rows
    return row === undefined ? null : { charset: String(row[0]), collation: String(row[1]) }
  } catch (error) {
    if (!hasNumber(error, ...unreadable)) throw error
    return null
  }
}
