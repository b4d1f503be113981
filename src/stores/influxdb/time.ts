import { parseDuration } from '../../core/duration.ts'

/** Whole seconds; 0 for anything that is not a duration, and for a fraction of a second. */
export function parseTime(text: string): number {
  const outcome = parseDuration(text)
  return outcome.type === 'duration' && outcome.milliseconds % 1000 === 0 ? outcome.milliseconds / 1000 : 0
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** Whole seconds as a Flux duration: `1h30m`. Days are the largest unit: the length of weeks and months depends on their start. */
export function fluxDuration(seconds: number): string {
  let left = seconds
  let text = ''
  for (const [unit, size] of units) {
    const count = Math.floor(left / size)
    if (count > 0) text += `${count}${unit}`
    left -= count * size
  }
  return text === '' ? '0s' : text
}

/** `60m` is as long as `1h`, and nothing as `0s`. A month has no fixed length, and stays as it is written. */
export function usualDuration(duration: string): string {
  const seconds = parseTime(duration)
  if (seconds > 0) return fluxDuration(seconds)
  return /^(?:0+[a-z]*)?$/.test(duration) ? '0s' : duration
}
