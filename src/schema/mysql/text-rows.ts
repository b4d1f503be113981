import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { SchemaSession } from '../ports.ts'

/** The rows of a table, cells as text. @param order an SQL list of columns */
export async function readTextRows(
  connection: Asker,
  table: string,
  columns: readonly string[],
  order: string,
): ReturnType<SchemaSession['readRows']> {
  const texts = columns.map((column) => `CAST(${quoteName(column)} AS CHAR)`).join(',')
  try {
    const { rows } = await connection.ask(`SELECT ${texts} FROM ${quoteName(table)} ORDER BY ${order}`)
    return rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index] == null ? null : String(row[index])])),
    )
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable) && !isUnknownToVtgate(error)) throw error
    return null
  }
}

/** vtgate's own words, without MySQL's number, for a table that no VSchema of a keyspace with several shards has. */
const isUnknownToVtgate = (error: unknown): boolean =>
  hasNumber(error, 1105) && error instanceof Error && /\btable \S+ not found$/.test(error.message)
