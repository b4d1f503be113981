import { addSpan } from '../calendar/period.ts'
import { timeText } from '../core/instant.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ShardRecord } from './shard.ts'

/** Milliseconds since the epoch. */
export interface Clocks {
  /** This machine's. */
  readonly host: number
  /** The server's, read at the same moment; null in a rehearsal, which uses the given time. */
  readonly server: number | null
  /** Milliseconds that the two may differ: `rotation.clockSkew`. */
  readonly skew: number
  /** The last run whose clocks were reliable, by the server's clock; null before the first one, and in a rehearsal. */
  readonly lastRunAt: number | null
  /** True where a person confirmed that the time is right, regardless of the last run's. */
  readonly confirmed: boolean
  /** A run that comes this much later than the last one must not remove data. */
  readonly longestPause: number
}

export interface ClockAssessment {
  /** The time that counts: the server's, which all rows and every other client use. */
  readonly now: number
  /** False where clocks contradict each other: new shards are still created, old ones are not retired. */
  readonly trusted: boolean
  /** Why data is left alone; null where nothing prevents its removal. */
  readonly doubt: string | null
  /** True where the clocks differ too much to trust either: then nothing is created either, because its period would be uncertain. */
  readonly refused: boolean
}

/** Milliseconds that a clock may be behind the last run's. */
const tolerance = 60_000

/**
 * What the clocks allow. The server's clock counts. A wrong clock must never cost a row, nor create tables of another year: where the two differ by more
 * than the configuration allows, nothing is done until they agree.
 */
export function assessClocks({ host, server, skew, lastRunAt, longestPause, confirmed }: Clocks): ClockAssessment {
  const now = server ?? host
  const difference = Math.abs(host - now)
  if (difference > skew) {
    const doubt =
      `The clocks of this machine (${timeText(host)}) and of the server (${timeText(now)}) differ by ${Math.round(difference / 1000)} s, ` +
      `and \`rotation.clockSkew\` allows ${Math.round(skew / 1000)} s: no shard is created or retired until they agree.`
    return { now, trusted: false, doubt, refused: true }
  }
  if (lastRunAt === null || confirmed) return { now, trusted: true, doubt: null, refused: false }
  const until = 'nothing is retired until the clock is correct or is confirmed with `wwdb rotate run --trust-clock`.'
  if (now < lastRunAt - tolerance) {
    const doubt = `It is ${timeText(now)}, but the last rotation ran at ${timeText(lastRunAt)}: a clock was set back`
    return { now, trusted: false, doubt: `${doubt}, and ${until}`, refused: false }
  }
  if (now > lastRunAt + longestPause) {
    const doubt = `It is ${timeText(now)}, and the last rotation ran at ${timeText(lastRunAt)}: after so long a pause`
    return { now, trusted: true, doubt: `${doubt} ${until}`, refused: false }
  }
  return { now, trusted: true, doubt: null, refused: false }
}

/** What stops every family of a target. */
export function clocksDiffer({ doubt }: ClockAssessment, { database, server }: Target): ToolError {
  return new ToolError('CLOCKS_DIFFER', {
    what: doubt ?? 'The clocks differ.',
    where: { database, server },
    why: 'With a clock that is a year ahead, shards of the next year would be created, and those of this year retired.',
    next: 'Correct the wrong clock (NTP), then run the command again. If the difference is intentional, allow it with `rotation.clockSkew`. Remove empty shards that were created for a wrong time with `wwdb shards remove --empty`.',
  })
}

/** When a shard's time ended, in milliseconds: its period's end, or when its key was first found deleted. Null while it has not. */
export function endOf(record: Pick<ShardRecord, 'to' | 'goneAt'>): number | null {
  return record.to ?? record.goneAt
}

/** True once no more rows may arrive: the shard's time has ended, and the time for late rows has passed. */
export function isOver({ policy }: ShardFamily, record: ShardRecord, now: number): boolean {
  const end = endOf(record)
  return end !== null && end + policy.late <= now
}

/** The time from which the policy no longer keeps a shard, in milliseconds; null for a shard that it keeps. */
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
