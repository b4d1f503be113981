import { CronExpressionParser } from 'cron-parser'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * When a snapshot policy was due last before an instant, in milliseconds since the epoch. Null for a schedule that is not known here: one with a year, or a day that only
 * Elasticsearch's cron expresses.
 * @param schedule a cron expression in UTC with seconds, or an interval such as `1h`
 */
export function lastDue(schedule: string, before: number): number | null {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(schedule.trim()) ?? []
  if (count !== undefined) return before - Number(count) * (units[unit] ?? 0)
  const [seconds, minutes, hours, days, months, weekdays = '', year = '*', ...rest] = schedule.trim().split(/\s+/)
  if (rest.length > 0 || year !== '*') return null
  const fields = [seconds, minutes, hours, days, months, fromSunday(weekdays)].join(' ')
  try {
    return CronExpressionParser.parse(fields, { tz: 'UTC', currentDate: new Date(before) })
      .prev()
      .getTime()
  } catch {
    return null
  }
}

/** Elasticsearch numbers the days of a week from 1, Sunday; cron from 0. */
function fromSunday(weekdays: string): string {
  return weekdays.replaceAll(
    /(^|[,-])([1-7])(?=$|[,#L/-])/g,
    (_, start: string, day: string) => `${start}${Number(day) - 1}`,
  )
}
