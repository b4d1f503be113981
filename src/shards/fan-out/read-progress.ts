import type { Migration } from '../../core/migration.ts'
import type { ShardProgress } from '../../migrations/journal/status.ts'
import { listStanding } from './select-shards.ts'
import type { FanOutPlace } from './services.ts'

/** How many shards of its family a migration that stopped half way is on; null where it has not begun with any. */
export async function readProgress(
  { store, ledger }: FanOutPlace,
  { version, shards: family }: Migration,
): Promise<ShardProgress | null> {
  const changes = await ledger.readChanges()
  const change = changes.findLast((one) => one.family === family && one.migration === version)
  if (change === undefined || family === undefined) return null
  const standing = listStanding(await store.readRegistry(), family)
  return {
    done: standing.filter((shard) => shard.templateVersion >= change.version).length,
    total: standing.length,
  }
}
