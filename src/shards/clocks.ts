import { addSpan } from '../calendar/period.ts'
import { timeText } from '../core/instant.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { ShardRecord } from './shard.ts'

/** Milliseconds since the epoch. */
export interface Clocks {
  /** Ours. */
  readonly host: number
  /** The server's, read at the same moment; null in a rehearsal, which uses the given time. */
  readonly server: number | null
  /** The last run whose clocks were in no doubt, by the server's clock; null before the first one, and in a rehearsal. */
  readonly lastRunAt: number | null
  /** True where a person confirmed that the time is right, regardless of the last run's. */
  readonly confirmed: boolean
  /** A run that comes so much later than the last one is not trusted with data. */
  readonly longestPause: number
}

export interface ClockAssessment {
  /** What time it may be: tables are made for each of these. */
  readonly instants: readonly number[]
  /** The earliest of them: nothing expires by a clock that is fast. */
  readonly now: number
  /** False where clocks contradict each other: the present is looked after, the past waits. */
  readonly trusted: boolean
  /** Why data is left alone; null when it need not be. */
  readonly doubt: string | null
}

/** Milliseconds. */
const tolerance = 60_000

/**
 * What the clocks allow. A clock that is wrong must never cost a row, and never a table that is needed: so in doubt tables
 * are made, for every time that it may be, and nothing is retired.
 */
export function assessClocks({ host, server, lastRunAt, longestPause, confirmed }: Clocks): ClockAssessment {
  const other = server ?? host
  const now = Math.min(host, other)
  if (Math.abs(host - other) > tolerance) {
    const seconds = Math.round(Math.abs(host - other) / 1000)
    const doubt = `The clocks of this machine (${timeText(host)}) and of the server (${timeText(other)}) differ by ${seconds} s`
    return {
      instants: [host, other],
      now,
      trusted: false,
      doubt: `${doubt}: nothing is retired until the clocks agree.`,
    }
  }
  if (lastRunAt === null || confirmed) return { instants: [now], now, trusted: true, doubt: null }
  const until = 'nothing is retired until the clock is correct or is confirmed with `wwdb rotate run --trust-clock`.'
  if (now < lastRunAt - tolerance) {
    const doubt = `It is ${timeText(now)}, but the last rotation ran at ${timeText(lastRunAt)}: a clock was set back`
    return { instants: [now], now, trusted: false, doubt: `${doubt}, and ${until}` }
  }
  if (now > lastRunAt + longestPause) {
    const doubt = `It is ${timeText(now)}, and the last rotation ran at ${timeText(lastRunAt)}: after so long a pause`
    return { instants: [now], now, trusted: true, doubt: `${doubt} ${until}` }
  }
  return { instants: [now], now, trusted: true, doubt: null }
}

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
