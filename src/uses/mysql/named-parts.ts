import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { NamedParts, StoredText } from '../ports.ts'

/** Tables, and what carries the name behind a table's, with the code that may name them. */
export async function readParts(
  connection: Connection,
  schema: string,
  schemas: readonly string[] | null,
  parts: readonly string[],
): Promise<NamedParts> {
  const here = quoteString(schema)
  const names = parts.map(quoteString).join(',')
  const everywhere =
    schemas === null
      ? "NOT IN ('mysql','sys','information_schema','performance_schema')"
      : `IN (${schemas.map(quoteString).join(',')})`
  const tables = await connection.ask(
    `SELECT TABLE_NAME,@@lower_case_table_names FROM information_schema.TABLES WHERE TABLE_SCHEMA=${here} AND LEFT(TABLE_NAME,5)<>'wwdb_'`,
  )
  const stored = await readStored(connection, everywhere)
  const base = {
    tables: tables.rows.map(([name]) => String(name)),
    foldsNames: Number(tables.rows[0]?.[1] ?? 0) !== 0,
    stored,
  }
  if (parts.length === 0) return { ...base, columns: [], indexes: [] }
  const columns = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ${everywhere} AND COLUMN_NAME IN (${names})`,
  )
  const indexes = await connection.ask(
    `SELECT DISTINCT TABLE_NAME,INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${here} AND INDEX_NAME IN (${names})`,
  )
  return {
    ...base,
    columns: columns.rows.map(([of, table, column]) => ({
      schema: String(of),
      table: String(table),
      column: String(column),
    })),
    indexes: indexes.rows.map(([table, index]) => ({ table: String(table), index: String(index) })),
  }
}

async function readStored(connection: Connection, schemas: string): Promise<readonly StoredText[]> {
  const ask = async (sql: string, type: StoredText['type'] | null): Promise<readonly StoredText[]> => {
    const { rows } = await connection.ask(sql)
    return rows.map(([schema, name, text, more]) => {
      const isText = text !== null && text !== undefined && text !== ''
      return {
        type: type ?? (more === 'FUNCTION' ? 'function' : 'procedure'),
        schema: String(schema),
        name: String(name),
        text: isText ? String(text) : null,
        ...(type === 'trigger' ? { table: String(more) } : {}),
      }
    })
  }
  return [
    ...(await ask(
      `SELECT TABLE_SCHEMA,TABLE_NAME,VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA ${schemas}`,
      'view',
    )),
    ...(await ask(
      `SELECT ROUTINE_SCHEMA,ROUTINE_NAME,ROUTINE_DEFINITION,ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA ${schemas}`,
      null,
    )),
    ...(await ask(
      `SELECT TRIGGER_SCHEMA,TRIGGER_NAME,ACTION_STATEMENT,EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA ${schemas}`,
      'trigger',
    )),
    ...(await ask(
      `SELECT EVENT_SCHEMA,EVENT_NAME,EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA ${schemas}`,
      'event',
    )),
  ]
}

/** The journal's times are of UTC, in whatever zone the session is. */
const secondsOf = (time: string): string => `TIMESTAMPDIFF(MICROSECOND,'1970-01-01',${time})/1000000`

/** When each version's passes ran; none without a journal. */
export async function readPasses(connection: Connection, schema: string) {
  const table = quoteQualified(schema, 'wwdb_journal')
  const { rows } = await connection
    .ask(
      `SELECT version,${secondsOf('MIN(opened_at)')},${secondsOf('MAX(COALESCE(closed_at,opened_at))')} FROM ${table} WHERE pass>0 GROUP BY version,pass`,
    )
    .catch((error: unknown) => {
      if (hasNumber(error, serverErrors.unknownTable)) return { rows: [] }
      throw error
    })
  return rows.map(([version, from, to]) => ({
    version: String(version),
    from: Math.round(Number(from) * 1000),
    to: Math.round(Number(to) * 1000),
  }))
}
