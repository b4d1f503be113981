import { describeDuration } from '../core/duration.ts'
import { countOf } from '../core/plural.ts'
import type { RunLedger } from './ports.ts'

/** How much of the record was removed. */
export interface RemovedRecord {
  readonly runs: number
  /** Events of shards that cannot be restored. */
  readonly shardEvents: number
}

/** Rows that one statement removes: few enough not to disturb replicas and other sessions. */
export const removalBatch = 500

/** Milliseconds that a command spends on removing old rows in each database: the next command continues. */
const longestRemoval = 1000

/**
 * Removes what is older than `keep` from the record of a schema, in batches, until none is left or the time is up. Events go first, because a run stays as long as an event references it.
 * @param now milliseconds of a clock that only goes forward
 */
export async function removeOldRecord(
  ledger: Pick<RunLedger, 'removeOldEvents' | 'removeOldRuns'>,
  schema: string,
  keep: number,
  now: () => number,
): Promise<RemovedRecord> {
  const end = now() + longestRemoval
  const removeAll = async (removeBatch: (schema: string, keep: number, most: number) => Promise<number>) => {
    let removed = 0
    while (now() < end) {
      const count = await removeBatch(schema, keep, removalBatch)
      removed += count
      if (count < removalBatch) break
    }
    return removed
  }
  const shardEvents = await removeAll(ledger.removeOldEvents)
  return { shardEvents, runs: await removeAll(ledger.removeOldRuns) }
}

/** The removal as a sentence; null where nothing was removed. */
export function describeRemoved({ runs, shardEvents }: RemovedRecord, keep: number): string | null {
  const counts = [
    ...(runs > 0 ? [countOf(runs, 'run')] : []),
    ...(shardEvents > 0 ? [countOf(shardEvents, 'shard event')] : []),
  ]
  if (counts.length === 0) return null
  return `The record of ${counts.join(' and ')} was removed: older than ${describeDuration(keep)} (\`audit.keep\`).`
}
