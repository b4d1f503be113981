import { durationPattern, parseDuration } from '../../../core/duration.ts'

/** The one grammar of durations: `90s`, `1h30m`, `30d`, `52 weeks`. */
export const timePattern = new RegExp(durationPattern)

/** Whole seconds; 0 for what is not a duration, and for a fraction of a second. */
export function parseTime(text: string): number {
  const outcome = parseDuration(text)
  return outcome.type === 'duration' && outcome.milliseconds % 1000 === 0 ? outcome.milliseconds / 1000 : 0
}
