import { parseDuration } from '../../core/duration.ts'
import { fluxDuration } from './plan-tasks.ts'

/** Whole seconds; 0 for anything that is not a duration, and for a fraction of a second. */
export function parseTime(text: string): number {
  const outcome = parseDuration(text)
  return outcome.type === 'duration' && outcome.milliseconds % 1000 === 0 ? outcome.milliseconds / 1000 : 0
}

/** `60m` is as long as `1h`, and nothing as `0s`. A month has no fixed length, and stays as it is written. */
export function usualDuration(duration: string): string {
  const seconds = parseTime(duration)
  if (seconds > 0) return fluxDuration(seconds)
  return /^(?:0+[a-z]*)?$/.test(duration) ? '0s' : duration
}
