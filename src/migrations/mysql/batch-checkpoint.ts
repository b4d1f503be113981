import type { BatchProgress } from '../../operate/batches/walk-table.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { JournalChange } from '../journal/rows.ts'
import { quoteJson } from './json-literal.ts'

/** Who writes the checkpoint, and where. */
interface Writer {
  readonly table: string
  readonly connectionId: number
  readonly runner: { readonly process: string }
}

const asJson = (path: string, value: unknown): string =>
  `,_utf8mb4'$.${path}',CAST(${quoteJson(JSON.stringify(value))} AS JSON)`

/** Code walks one table after another in the same row: its checkpoint says which one. */
function listChanges(progress: BatchProgress): readonly string[] {
  if (progress.queries !== undefined) return [asJson('batch', progress)]
  const { last, rows, chunks, walked, size, milliseconds } = progress
  return Object.entries({ last, rows, chunks, walked, size, milliseconds }).map(([name, value]) =>
    asJson(`batch.${name}`, value),
  )
}

/** The row of a batch stays open until its last chunk; a run that continues it takes it over. */
export function renderCheckpoint(
  { table, connectionId, runner }: Writer,
  at: NonNullable<JournalChange['batch']>[number],
): string {
  const details = `JSON_SET(details${listChanges(at.progress).join('')})`
  const stated =
    at.error === null
      ? `JSON_REMOVE(${details},_utf8mb4'$.error')`
      : `JSON_SET(${details},_utf8mb4'$.error',CONVERT(${quoteString(at.error)} USING utf8mb4))`
  return `UPDATE ${table} SET state='${at.state}',connection_id=${connectionId},runner=${quoteString(runner.process.slice(0, 255))},details=${stated} WHERE pass=${at.pass} AND statement=${at.statement}`
}
