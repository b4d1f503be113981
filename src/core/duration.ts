import { plural } from './plural.ts'
import { ToolError } from './tool-error.ts'

/** A duration as a person wrote it: milliseconds, no limit, or why it cannot be read and what to write instead. */
export type DurationOutcome =
  | { readonly type: 'duration'; readonly milliseconds: number }
  | { readonly type: 'none' }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

/** From the longest to the shortest: the letters, the name, and the milliseconds. */
const units = [
  ['w', 'week', 604_800_000],
  ['d', 'day', 86_400_000],
  ['h', 'hour', 3_600_000],
  ['m', 'minute', 60_000],
  ['s', 'second', 1000],
  ['ms', 'millisecond', 1],
] as const

/** Node fires a timer with a longer delay at once (timers.setTimeout: a signed 32-bit number of milliseconds). */
export const longestTimer = 2 ** 31 - 1

/** A longer duration is a mistake in the unit: a hundred years. */
export const century = 36_525 * 86_400_000

/** The pattern of durations in a configuration, for the JSON Schemas that editors use. */
export const durationPattern = `^\\s*(0+|(\\d+(\\.\\d+)?\\s*(${units
  .flatMap(([letters, name]) => [letters, `${name}s?`])
  .join('|')})\\s*)+)\\s*$`

const advice = 'Write it like `500ms`, `5s`, `10m`, `2h`, `7 days` or `1h30m`.'

/**
 * The one grammar of durations, for configuration, flags, templates and declarations: whole or decimal numbers with their units
 * (`500ms`, `1.5h`, `2 days`, `1h30m`), the longest unit first; `0`; or `none`. A number without a unit is refused, because one tool takes 30 as seconds and the next as milliseconds. A day has 24 hours. Months and years are refused: their length varies.
 * @param longest milliseconds; a longer duration is refused
 */
export function parseDuration(text: string, longest: number = century): DurationOutcome {
  const trimmed = text.trim()
  if (trimmed === 'none') return { type: 'none' }
  if (/^0+$/.test(trimmed)) return { type: 'duration', milliseconds: 0 }
  if (/^\d+(?:\.\d+)?$/.test(trimmed))
    return { type: 'fault', why: 'a number without a unit', next: adviseUnit(trimmed) }
  if (!/^(?:\d+(?:\.\d+)?\s*[A-Za-z]+\s*)+$/.test(trimmed))
    return { type: 'fault', why: 'not a duration', next: advice }
  let sum = 0
  let last = -1
  for (const [, number, written = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([A-Za-z]+)/g)) {
    const index = units.findIndex(
      ([letters, name]) => written === letters || written === name || written === `${name}s`,
    )
    const unit = units[index]
    if (unit === undefined) return unknownUnit(written)
    if (index <= last) return { type: 'fault', why: 'not in the order of its units', next: advice }
    last = index
    sum += Number(number) * unit[2]
  }
  const milliseconds = Math.round(sum)
  if (milliseconds <= longest) return { type: 'duration', milliseconds }
  return { type: 'fault', why: 'too long', next: `The longest duration here is ${describeLimit(longest)}.` }
}

function unknownUnit(written: string): DurationOutcome {
  const why = `given in ${JSON.stringify(written)}, which is not a unit of time`
  if (!/^(?:mon(?:ths?)?|years?|y|quarters?|M)$/.test(written)) return { type: 'fault', why, next: advice }
  return { type: 'fault', why: `given in ${JSON.stringify(written)}, whose length varies`, next: advice }
}

/** In whole hours, or in years. */
function describeLimit(longest: number): string {
  return longest === century ? 'a hundred years' : `"${Math.floor(longest / 3_600_000)}h"`
}

/**
 * The milliseconds of a flag; null for `none`.
 * @throws ToolError `USAGE` (64) for anything that is not a duration
 */
export function readDurationFlag(flag: string, text: string, longest: number = century): number | null {
  const outcome = parseDuration(text, longest)
  if (outcome.type === 'none') return null
  if (outcome.type === 'duration') return outcome.milliseconds
  throw new ToolError('USAGE', {
    what: `\`${flag}\` cannot be ${JSON.stringify(text.slice(0, 60))}: ${outcome.why}.`,
    next: outcome.next,
  })
}

/** What to write instead of a number without a unit. */
export function adviseUnit(number: string): string {
  return `Write \`${number}s\` for seconds, \`${number}ms\` for milliseconds or \`${number}d\` for days.`
}

/** An exact duration in words, days at most: `30 days`, `1 day 12 hours`, `500 milliseconds`. */
export function describeDuration(milliseconds: number): string {
  const words = partsOf(milliseconds).map(({ name, count }) => `${count} ${count === 1 ? name : plural(name)}`)
  return words.length === 0 ? '0 seconds' : words.join(' ')
}

const chinese = { day: '天', hour: '小时', minute: '分钟', second: '秒', millisecond: '毫秒' } as const

/** The same in Chinese: `30 天`, `1 天 12 小时`. */
export function describeDurationInChinese(milliseconds: number): string {
  const words = partsOf(milliseconds).map(({ name, count }) => `${count} ${chinese[name]}`)
  return words.length === 0 ? '0 秒' : words.join(' ')
}

function partsOf(milliseconds: number) {
  const [, ...smaller] = units
  let left = milliseconds
  return smaller.flatMap(([, name, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count > 0 ? [{ name, count }] : []
  })
}

/** A measured time, in milliseconds: `<1 ms`, `23 ms`, `1.4 s`, `48 s`, `2 min 05 s`, `3 h 07 min`. */
export function formatDuration(milliseconds: number): string {
  const rounded = Math.max(0, Math.round(milliseconds))
  if (rounded === 0 && milliseconds > 0) return '<1 ms'
  if (rounded < 1000) return `${rounded} ms`
  if (rounded < 9950) return `${(rounded / 1000).toFixed(1)} s`
  return formatSeconds(rounded / 1000)
}

/** Whole seconds, for what still runs: `0 s`, `48 s`, `2 min 05 s`, `3 h 07 min`, `4 d 02 h`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
