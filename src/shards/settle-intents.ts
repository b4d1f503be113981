import { isLoadName } from './hold-name.ts'
import type { ShardRecord } from './shard.ts'

/** What became of a step that a run began and did not end. */
export interface SettledIntent {
  readonly record: ShardRecord
  /** What was found, as a sentence. */
  readonly note: string
  /** A table that nobody needs any more: a copy of what is in an archive. */
  readonly leftover: string | null
}

/**
 * Settles an intent by looking which table is there; null for a record that is none. RENAME and DROP are atomic, so there
 * is no third case: either it happened or it did not.
 */
export function settleIntent(record: ShardRecord, has: (table: string) => boolean): SettledIntent | null {
  const held = record.hold !== null && has(record.hold.table)
  switch (record.state) {
    case 'holding':
      return settleHolding(record, held, has(record.table))
    case 'dropping':
      return held ? settled(putBack(record), 'had not been dropped') : settled(dropped(record), 'had been dropped')
    case 'restoring':
      return settleRestoring(record, held, has(record.table))
    default:
      return null
  }
}

function settleHolding(record: ShardRecord, held: boolean, own: boolean): SettledIntent {
  if (held) return settled({ ...record, state: 'held' }, 'had been put on hold')
  if (own) return settled({ ...record, state: 'sealed', hold: null }, 'had not been put on hold')
  return settled(dropped(record), 'is gone, under its own name and under its hold name: somebody else dropped it')
}

function settleRestoring(record: ShardRecord, held: boolean, own: boolean): SettledIntent {
  const loads = record.hold !== null && isLoadName(record.hold.table)
  if (own && !held) return settled(revive(record), 'had been restored')
  if (loads) {
    const leftover = held ? record.hold.table : null
    return settled({ ...dropped(record), hold: null }, 'had not been restored from its archive', leftover)
  }
  if (held) return settled(putBack(record), 'had not been restored')
  return settled(dropped(record), 'is gone, under its own name and under its hold name: somebody else dropped it')
}

/** A shard that is back in use: what was counted and promised of it holds no more. */
export function revive(record: ShardRecord): ShardRecord {
  return { ...record, state: 'live', seal: null, hold: null }
}

function putBack(record: ShardRecord): ShardRecord {
  return { ...record, state: record.archive === null ? 'held' : 'archived' }
}

function dropped(record: ShardRecord): ShardRecord {
  return { ...record, state: 'dropped' }
}

function settled(record: ShardRecord, found: string, leftover: string | null = null): SettledIntent {
  return { record, note: `${record.table} ${found} when an earlier run ended.`, leftover }
}
