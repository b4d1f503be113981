import { asSentence } from '../../core/tool-error.ts'
import type { Pending } from '../journal/settlement.ts'
import { adviseChanging } from './changing-shards.ts'
import { isPending, type ShardMigration } from './shard-migrations.ts'

/** What Vitess has not ended of a row; null where nothing is. A person who settles the row would leave it without a run that completes it. */
export function pendingOf(rows: readonly ShardMigration[]): Pending | null {
  const [pending] = rows.filter(isPending)
  if (pending === undefined) return null
  const { uuid, status, shard } = pending
  return {
    why: `Vitess has not ended its migration ${uuid}, which is \`${status}\` on shard ${shard}. A run completes or cancels it only while its row is open; later migrations would wait behind it.`,
    next: 'Run `wwdb migrate`, which waits for it, or end it with `ALTER VITESS_MIGRATION ... CANCEL`; then settle the statement if the next run still asks.',
  }
}

/** The shards that serve may have it, and those of a Reshard have copied the table as it was: only once they serve, a person sees whether it ran. @param changing null where no Reshard is in progress */
export function pendingChange(changing: string | null, keyspace: string): Pending | null {
  if (changing === null) return null
  return {
    why: `${asSentence(changing)} Whether it counts as run is seen only afterwards.`,
    next: adviseChanging(keyspace),
  }
}
