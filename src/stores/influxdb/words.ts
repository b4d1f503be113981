import { groupDigits } from '../../core/plural.ts'

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** Whole seconds for people: `30 days`, `1 day 12 hours`. */
export function sayTime(seconds: number): string {
  let left = seconds
  const words: string[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(left / size)
    if (count > 0) words.push(sayCount(count, unit))
    left -= count * size
  }
  return words.length === 0 ? '0 seconds' : words.join(' ')
}

/** How long a bucket keeps its points. */
export function sayRetention(seconds: number): string {
  return seconds === 0 ? 'for ever' : sayTime(seconds)
}

/** `1 point`, `1,204 points`. */
export function sayCount(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 || noun === 'series' ? '' : 's'}`
}
