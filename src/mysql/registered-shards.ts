import type { RegisteredShard } from '../ddl/snapshot.ts'
import { quoteQualified } from '../sql/quote-name.ts'
import type { Connection, Row } from './connection.ts'
import { hasNumber, serverErrors } from './errors.ts'

/** The shards in the registry; read last, because the registry may not exist. */
export function selectRegistered(schema: string): string {
  const table = quoteQualified(schema, 'wwdb_shards')
  return `SELECT family,shard_key,table_name,state,from_at,to_at FROM ${table} WHERE state NOT IN ('dropped','lost') ORDER BY family,from_at,shard_key`
}

/** A user without SELECT on the registry, or on one of its columns. */
const [tableDenied, columnDenied] = [1142, 1143]

/** There is no registry, or none that this user may read: then its shards are known only by their names. */
export function isUnread(error: unknown): boolean {
  return hasNumber(error, serverErrors.unknownTable, serverErrors.unknownColumn, tableDenied, columnDenied)
}

/**
 * The shards that are in the schema: those of the registry, and those that only the last events name, because the registry or a row of it was lost.
 * @param tables all tables of the schema
 */
export async function withTraced(
  connection: Pick<Connection, 'ask'>,
  schema: string,
  registered: readonly RegisteredShard[],
  tables: ReadonlySet<string>,
): Promise<readonly RegisteredShard[]> {
  const known = new Set(registered.map(({ table }) => table))
  const traced = (await readTraced(connection, schema, tables)).map(toRegistered)
  return [...registered, ...traced.filter(({ table }) => !known.has(table))].filter(({ table }) => tables.has(table))
}

async function readTraced(
  connection: Pick<Connection, 'ask'>,
  schema: string,
  tables: ReadonlySet<string>,
): Promise<readonly Row[]> {
  if (!tables.has('wwdb_shard_events')) return []
  const table = quoteQualified(schema, 'wwdb_shard_events')
  try {
    const last = `SELECT MAX(id) AS id FROM ${table} GROUP BY table_name`
    const { rows } = await connection.ask(
      `SELECT e.family,e.shard_key,e.table_name,e.to_state,NULL,NULL FROM ${table} e JOIN (${last}) l ON l.id=e.id WHERE e.to_state NOT IN ('dropped','lost')`,
    )
    return rows
  } catch (error) {
    if (isUnread(error)) return []
    throw error
  }
}

export function toRegistered([family, key, table, state, from, to]: Row): RegisteredShard {
  const instant = (cell: Row[number] | undefined): number | null =>
    cell === null || cell === undefined ? null : Date.parse(`${String(cell).replace(' ', 'T')}Z`)
  return {
    family: String(family),
    key: String(key),
    table: String(table),
    state: String(state),
    from: instant(from),
    to: instant(to),
  }
}
