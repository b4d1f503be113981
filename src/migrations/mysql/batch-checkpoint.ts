import { quoteString } from '../../sql/quote-name.ts'
import type { JournalChange } from '../journal/rows.ts'
import { quoteJson } from './json-literal.ts'

/** Who writes the checkpoint, and where. */
interface Writer {
  readonly table: string
  readonly connectionId: number
  readonly runner: { readonly process: string }
}

/** The row of a batch stays open until its last chunk; a run that continues it takes it over. */
export function renderCheckpoint(
  { table, connectionId, runner }: Writer,
  at: NonNullable<JournalChange['batch']>[number],
): string {
  const { last, rows, chunks, walked, size, milliseconds } = at.progress
  const parts = Object.entries({ last, rows, chunks, walked, size, milliseconds }).map(
    ([name, value]) => `,_utf8mb4'$.batch.${name}',CAST(${quoteJson(JSON.stringify(value))} AS JSON)`,
  )
  const details = `JSON_SET(details${parts.join('')})`
  const stated =
    at.error === null
      ? `JSON_REMOVE(${details},_utf8mb4'$.error')`
      : `JSON_SET(${details},_utf8mb4'$.error',CONVERT(${quoteString(at.error)} USING utf8mb4))`
  return `UPDATE ${table} SET state='${at.state}',connection_id=${connectionId},runner=${quoteString(runner.process.slice(0, 255))},details=${stated} WHERE pass=${at.pass} AND statement=${at.statement}`
}
