import { describeDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { parseSize as parseSizeText } from '../../core/size.ts'

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

/** Bytes of `50gb`; null for what is not a size. */
export function parseSize(text: unknown): number | null {
  return parseSizeText(String(text))
}

/** `31 days`, `1 hour 30 minutes`. */
export function sayAge(milliseconds: number): string {
  return describeDuration(milliseconds)
}

/** `1 day`, `2 days`, `1,204 documents`. */
export function count(number: number, noun: string): string {
  return countOf(number, noun)
}
