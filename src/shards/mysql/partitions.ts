import { fence, type HeldLock } from '../../migrations/mysql/journal-tables.ts'
import type { Connection } from '../../mysql/connection.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { LivePartition, LivePartitioning } from '../partitions/live-partitions.ts'
import { readRowColumns, storedColumns } from './row-text.ts'

/** Names and bounds alone, without statistics. A table without partitions has one row without a name. */
export async function readPartitions(
  connection: Connection,
  schema: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, LivePartitioning>> {
  const found = new Map<string, LivePartitioning & { readonly partitions: LivePartition[] }>()
  if (tables.length === 0) return found
  const { rows } = await connection.ask(
    'SELECT TABLE_NAME,PARTITION_METHOD,PARTITION_EXPRESSION,PARTITION_NAME,PARTITION_DESCRIPTION FROM information_schema.PARTITIONS ' +
      `WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${tables.map(quoteString).join(',')}) ORDER BY TABLE_NAME,PARTITION_ORDINAL_POSITION`,
  )
  for (const [table, method, expression, name, below] of rows) {
    const known = found.get(String(table))
    const partitions = known?.partitions ?? []
    if (name !== null && name !== undefined) partitions.push({ name: String(name), below: String(below) })
    const how = method === null || method === undefined ? null : String(method)
    if (known === undefined) found.set(String(table), { method: how, expression: String(expression ?? ''), partitions })
  }
  return found
}

/** One transaction: after a kill every row is in one of the two tables, and in one alone. */
export async function moveRows(
  connection: Connection,
  lock: HeldLock,
  schema: string,
  from: string,
  into: string,
): Promise<void> {
  const columns = storedColumns(await readRowColumns(connection, schema, from)).map(({ name }) => quoteName(name))
  const [source, aim] = [quoteQualified(schema, from), quoteQualified(schema, into)]
  await connection.ask('START TRANSACTION')
  try {
    await connection.askAll(
      `SELECT ${fence(lock)};INSERT INTO ${aim} (${columns.join(',')}) SELECT ${columns.join(',')} FROM ${source};DELETE FROM ${source};COMMIT`,
    )
  } catch (error) {
    await connection.ask('ROLLBACK').catch(() => undefined)
    throw error
  }
}
