import { type CronFields, fitsDay } from './cron.ts'
import { dateOf, dayOf } from './ordinal.ts'
import { dayLength } from './zone.ts'

/** 2100 is no leap year: no days are further apart than 29 February 2096 and that of 2104. */
const [firstDay, lastDay] = [dayOf(2095, 1, 1), dayOf(2108, 12, 31)]

const minuteLength = 60_000

/** 1970-01-01 was a Thursday. */
const weekdayOfDayZero = 4

/**
 * The longest time that ever passes between two runs of a schedule, in milliseconds: what the calendar makes of it, months of
 * 31 days and leap years included. Where the clocks are set back it may take an hour more.
 */
export function longestInterval(fields: CronFields): number {
  const times = fields.hours.flatMap((hour) => fields.minutes.map((minute) => (hour * 60 + minute) * minuteLength))
  const [first = 0, last = 0] = [times.at(0), times.at(-1)]
  let longest = longestStep(times)
  let before: number | null = null
  for (let day = firstDay; day <= lastDay; day += 1) {
    if (!fitsDay(fields, dateOf(day), (day + weekdayOfDayZero) % 7)) continue
    if (before !== null) longest = Math.max(longest, (day - before) * dayLength + first - last)
    before = day
  }
  return longest
}

/** The longest step within a day. */
function longestStep(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, place) => time - (times[place] ?? time)))
}
