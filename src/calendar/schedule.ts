import { CronExpressionParser } from 'cron-parser'
import { readCron } from './cron.ts'
import { isZone } from './zone.ts'

/** When something runs: a cron expression of five fields on the clocks of a zone. */
export interface Schedule {
  readonly expression: string
  /** `UTC` or an IANA name. */
  readonly zone: string
}

/**
 * The next instants of a schedule after `after`, in order. A time that the clocks leave out runs right after the gap, a time that they show
 * twice runs once (by cron-parser), unless it runs every hour.
 * @param after milliseconds since the epoch; an instant of the schedule itself is not in the answer.
 * @throws RangeError for an expression that `readCron` refuses or a zone that is not known: both are checked with the configuration.
 */
export function nextRuns(schedule: Schedule, after: number, count: number): readonly number[] {
  const outcome = readCron(schedule.expression)
  if (outcome.type === 'fault') throw new RangeError(`${JSON.stringify(schedule.expression)}: ${outcome.why}`)
  if (!isZone(schedule.zone)) throw new RangeError(`${JSON.stringify(schedule.zone)} is no zone`)
  const runs = CronExpressionParser.parse(schedule.expression, { tz: schedule.zone, currentDate: new Date(after) })
  return Array.from({ length: count }, () => runs.next().getTime())
}
