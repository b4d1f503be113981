import type { FamilyPolicy, PeriodKind, ShardFamily } from '../core/shard-family.ts'
import type { Fault } from '../core/tool-error.ts'
import { dayOf, firstDay, ordinalOf } from './ordinal.ts'
import { dayLength } from './zone.ts'

/** The longest runs of years without a leap year are 1897 to 1903 and 2097 to 2103: there spans are shortest. */
const [fromYear, toYear] = [2096, 2104]

/**
 * How far ahead of now the shards of a family reach at the least, right after a run: the whole periods of the policy after
 * the one that is nearly over, or its days, whichever reaches farther. In milliseconds, with days of 24 hours.
 */
export function premakeHorizon(premake: FamilyPolicy['premake'], kind: PeriodKind): number {
  return Math.max(shortestSpan(premake.periods, kind), premake.days) * dayLength
}

/** The shortest length, in days, of a number of consecutive periods. */
function shortestSpan(periods: number, kind: PeriodKind): number {
  const first = ordinalOf(dayOf(fromYear, 1, 1), kind)
  const last = ordinalOf(dayOf(toYear, 12, 31), kind)
  let shortest = Number.POSITIVE_INFINITY
  for (let ordinal = first; ordinal <= last; ordinal += 1) {
    shortest = Math.min(shortest, firstDay(ordinal + periods, kind) - firstDay(ordinal, kind))
  }
  return shortest
}

/** What must be known of a family to judge how far ahead its shards are made. */
type JudgedFamily = Pick<ShardFamily, 'name' | 'database' | 'division'> & {
  readonly policy: Pick<FamilyPolicy, 'premake'>
  readonly template: Pick<ShardFamily['template'], 'file'>
}

/**
 * The families whose shards could run out before a failed run is fixed: those whose lead is no longer than the time from one run to the next plus the alert delay. Families of keys need no calendar.
 * @param interval longest time between two runs (see longest-interval.ts), in milliseconds.
 * @param alertDelay from a failed run to its fix, in milliseconds.
 */
export function findShortHorizons(
  families: readonly JudgedFamily[],
  interval: number,
  alertDelay: number,
): readonly Fault[] {
  return families.flatMap((family) => {
    if (family.division.type === 'key') return []
    const horizon = premakeHorizon(family.policy.premake, family.division.kind)
    if (horizon > interval + alertDelay) return []
    const needed = Math.floor((interval + alertDelay) / dayLength) + 1
    return [
      {
        what: `The shards of \`${family.name}\` may run out: they are ${horizon === 0 ? 'not created' : `created ${inWords(horizon)}`} ahead.`,
        where: { file: family.template.file, database: family.database },
        why: `The next run after a failed run starts after at most ${inWords(interval)}, and fixing the failure takes ${inWords(alertDelay)} (rotation.schedule, rotation.alertDelay).`,
        next: `Create shards ahead by at least ${needed === 1 ? '1 day' : `${needed} days`} (\`wwdb:premake\`), or run more often.`,
      },
    ]
  })
}

/** `45 days`, `1 day 6 hours`, `1 hour`: rounded up to the minute. */
function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000)
  const parts = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor((minutes % 1440) / 60), 'hour'],
    [minutes % 60, 'minute'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
  return said.length === 0 ? '0 minutes' : said.join(' ')
}
