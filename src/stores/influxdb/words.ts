import { describeDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'

/** Whole seconds for people: `30 days`, `1 day 12 hours`. */
export function sayTime(seconds: number): string {
  return describeDuration(seconds * 1000)
}

/** How long a bucket keeps its points. */
export function sayRetention(seconds: number): string {
  return seconds === 0 ? 'for ever' : sayTime(seconds)
}

/** `1 point`, `1,204 points`. */
export function sayCount(count: number, noun: string): string {
  return countOf(count, noun)
}
