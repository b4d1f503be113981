import { addSpan } from '../calendar/period.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { ShardRecord } from './shard.ts'

/** When a shard's time ended, in milliseconds: its period's end, or when its key was first found deleted. Null while it has not. */
export function endOf(record: Pick<ShardRecord, 'to' | 'goneAt'>): number | null {
  return record.to ?? record.goneAt
}

/** True once no row may come any more: the shard's time ended, and what may come late has come. */
export function isOver({ policy }: ShardFamily, record: ShardRecord, now: number): boolean {
  const end = endOf(record)
  return end !== null && end + policy.late <= now
}

/** Since when the policy keeps a shard no longer, in milliseconds; null for one that it keeps. */
export function expiryOf({ policy, division }: ShardFamily, record: Pick<ShardRecord, 'to' | 'goneAt'>): number | null {
  const end = endOf(record)
  if (end === null || policy.keep === null) return null
  const zone = division.type === 'period' ? division.zone : 'UTC'
  return Math.max(addSpan(end, policy.keep, zone), end + policy.late)
}

export function isExpired(family: ShardFamily, record: Pick<ShardRecord, 'to' | 'goneAt'>, now: number): boolean {
  const expiry = expiryOf(family, record)
  return expiry !== null && expiry <= now
}

/** `2026-01-01`, UTC. */
export function dayText(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}

/** `2026-01-01 12:30 UTC`. */
export function timeText(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
