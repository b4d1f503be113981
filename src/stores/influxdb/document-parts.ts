import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { durationPattern } from '../../core/duration.ts'
import { parseTime } from './time.ts'

/** The one grammar of durations: `90s`, `1h30m`, `30d`, `52 weeks`. */
const timePattern = new RegExp(durationPattern)

/** A time with units, of at least one second; at least `least` seconds, which is `shown` to people. */
export function time(example: string, least = 1, shown = '1s') {
  return z.string().check(
    z.regex(timePattern, `must be a duration with a unit, such as "${example}"; months and years have no fixed length`),
    z.refine((text) => !timePattern.test(text) || parseTime(text) >= least, `must be at least "${shown}"`),
  )
}

export const hour = 3600
export const retention = z.union([z.literal('forever'), time('30d', hour, '1h')])

// A schema per use: the sentence for editors is stored per schema.
export const bucketName = () =>
  z.string().check(z.regex(/^[^_"\\\n\r\t][^"\\\n\r\t]*$/, 'must not start with `_` or contain quotes or backslashes'))
export const name = () => z.string().check(z.regex(/^[^"\\\n\r\t]+$/, 'must not contain quotes or backslashes'))
export const description = () =>
  described('Description for readers; if it is missing, the one on the server is kept.', z.optional(z.string()))
