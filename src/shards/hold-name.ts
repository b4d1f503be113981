import { createHash } from 'node:crypto'
import { longestTable } from '../calendar/proof.ts'
import type { Shard } from './shard.ts'

const holdShape = /^_hold_\d{8}_[0-9a-f]{8}_./
const loadShape = /^_load_\d{8}_[0-9a-f]{8}_./

/** Where a shard waits for its grace to end: `_hold_20270301_1f0c22aa_messages_202601`, cut to the longest name that RENAME takes. */
export function holdName(shard: Shard, now: number): string {
  return nameFor('hold', shard, now)
}

/** Where an archive is loaded before it gets the shard's name. */
export function loadName(shard: Shard, now: number): string {
  return nameFor('load', shard, now)
}

export function isHoldName(name: string): boolean {
  return holdShape.test(name) && name.length <= longestTable
}

export function isLoadName(name: string): boolean {
  return loadShape.test(name) && name.length <= longestTable
}

/** The digest tells apart shards whose names are cut to the same text. */
function nameFor(prefix: 'hold' | 'load', shard: Shard, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '')
  const digest = createHash('sha256').update(`${shard.family}/${shard.key}/${shard.table}`).digest('hex').slice(0, 8)
  return `_${prefix}_${day}_${digest}_${shard.table}`.slice(0, longestTable)
}
