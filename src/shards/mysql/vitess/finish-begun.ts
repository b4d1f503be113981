import type { ShardRecord } from '../../shard.ts'
import type { SpreadTable } from './at-shards.ts'
import type { KeyspaceChanges } from './changes.ts'

/**
 * Ends what an earlier run began with a shard on some shards of the keyspace and not on all: RENAME and DROP are atomic on each of them, and not between them. What no shard has begun is left
 * to the settlement of rotation, which looks at the tables.
 */
export async function finishBegun(
  records: readonly ShardRecord[],
  changes: Pick<KeyspaceChanges, 'rename' | 'drop' | 'removeFromVschema'>,
  tables: readonly SpreadTable[],
): Promise<void> {
  const isSomewhere = (name: string): boolean => tables.some((table) => table.name === name)
  const isPartial = (name: string): boolean => tables.some((table) => table.name === name && table.lacking.length > 0)
  for (const { state, table, hold } of records) {
    if (hold === null) continue
    if (state === 'holding' && isPartial(table) && isSomewhere(hold.table)) await changes.rename(table, hold.table)
    if (state === 'restoring' && isPartial(hold.table) && isSomewhere(table)) await changes.rename(hold.table, table)
    if (state !== 'dropping') continue
    if (isPartial(hold.table)) await changes.drop(hold.table, table)
    else if (!isSomewhere(hold.table)) await changes.removeFromVschema(table)
  }
}
