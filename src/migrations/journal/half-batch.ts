import type { Pass } from './journal.ts'
import type { JournalSnapshot } from './rows.ts'

/** What the chunks of a batch have changed and committed. */
export interface BatchDone {
  readonly rows: number
  readonly chunks: number
}

/** The batch that a pass is in, or stopped in; nothing where there is none. */
export function halfBatch(
  { rows }: Pick<JournalSnapshot, 'rows'>,
  { pass }: Pick<Pass, 'pass'>,
): { batch?: BatchDone } {
  const row = rows.find((one) => one.pass === pass && one.state !== 'closed' && (one.batch?.chunks ?? 0) > 0)
  return row?.batch === undefined ? {} : { batch: { rows: row.batch.rows, chunks: row.batch.chunks } }
}
