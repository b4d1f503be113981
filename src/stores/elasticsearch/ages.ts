import { groupDigits } from '../../core/plural.ts'

/** Units of Elasticsearch's durations, in milliseconds. */
const units: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of `30d`, `720h`, `0ms`; null for what is no duration of Elasticsearch. */
export function parseAge(text: unknown): number | null {
  const match = /^(\d+)(nanos|micros|ms|s|m|h|d)$/.exec(String(text).trim().toLowerCase())
  const unit = units[match?.[2] ?? '']
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}

const sizes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  tb: 1024 ** 4,
  pb: 1024 ** 5,
}

/** Bytes of `50gb`; null for what is no size of Elasticsearch. */
export function parseSize(text: unknown): number | null {
  const match = /^(\d+)(b|kb|mb|gb|tb|pb)$/.exec(String(text).trim().toLowerCase())
  const unit = sizes[match?.[2] ?? '']
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}

/** `31 days`, `90 minutes`: the largest unit that gives a whole number. */
export function sayAge(milliseconds: number): string {
  for (const [name, size] of [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const) {
    if (milliseconds >= size && milliseconds % size === 0) return count(milliseconds / size, name)
  }
  return count(milliseconds, 'millisecond')
}

/** `1 day`, `2 days`, `1,204 documents`. */
export function count(number: number, noun: string): string {
  return `${groupDigits(number)} ${noun}${number === 1 ? '' : 's'}`
}
