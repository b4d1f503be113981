import * as z from 'zod/mini'
import { parseDuration } from '../core/duration.ts'
import type { DriftConfig } from './config.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

/** The names of objects in the part about drift: `users`, `etl_*`, `user_db/users`. */
const objectPattern = /^(?:[A-Za-z]\w*\/)?[\w$*-]+$/

const policies = ['fail', 'warn', 'off'] as const

const ignored = z.strictObject({
  reason: described('Why the difference is ignored.', checkedText(objectToReason)),
  until: described('The last day on which it is ignored, in UTC: "2027-01-31".', checkedText(objectToDay)),
})

/** The section about changes outside of migrations. */
export const drift = z.strictObject({
  migrate: described(
    'What `wwdb migrate` does if its plan changes an object that was changed outside of migrations.',
    z.optional(z.enum(policies)),
  ),
  grace: described(
    'The time that a table which `drift --revert` renamed is kept at least: "14 days".',
    z.optional(checkedText(objectToGrace)),
  ),
  ignore: described(
    'Differences that are ignored for a time, by the name of the object: "users", "etl_*", "user_db/users".',
    z.optional(z.record(z.string().check(z.regex(objectPattern)), ignored)),
  ),
  unmanaged: described(
    'Objects that belong to someone else, by name, with their owner: they are neither recorded nor compared.',
    z.optional(z.record(z.string().check(z.regex(objectPattern)), checkedText(objectToReason))),
  ),
})

/** The keys that are known below `drift`. */
export function driftKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 1) return Object.keys(drift.shape)
  return path.length === 3 && path[1] === 'ignore' ? Object.keys(ignored.shape) : []
}

const leastGrace = 3_600_000

function objectToGrace(text: string): Objection {
  const outcome = parseDuration(text)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'duration' && outcome.milliseconds >= leastGrace) return null
  return quoteWhy(text, { why: 'which is less than 1 hour', next: 'Write `14 days` or `36 hours`.' })
}

function objectToReason(text: string): Objection {
  return text.trim() === '' ? quoteWhy(text, { why: 'which is empty', next: 'Write who decided so, and why.' }) : null
}

function objectToDay(text: string): Objection {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
  return isDay ? null : quoteWhy(text, { why: 'which is not a date', next: 'Write a date such as `2027-01-31`.' })
}

/** `drift.ignore.users`, `drift.ignore["user_db/etl_*"]`: the name as it was written. */
const driftPath = /^drift\.(ignore|unmanaged)(?:\.([$\w-]+)|\[("(?:[^"\\]|\\.)*")\])$/

/**
 * The configuration of changes outside of migrations.
 * @param paths those of all settings, each once
 */
export function resolveDrift(paths: readonly string[], read: (path: string) => string | null): DriftConfig {
  const named = paths.flatMap((path) => {
    const [, part = '', plain, quoted = '""'] = driftPath.exec(path) ?? []
    return part === '' ? [] : [{ path, part, object: plain ?? String(JSON.parse(quoted)) }]
  })
  const migrate = read('drift.migrate')
  const grace = parseDuration(read('drift.grace') ?? '')
  return {
    migrate: policies.find((policy) => policy === migrate) ?? 'fail',
    grace: grace.type === 'duration' ? grace.milliseconds : 0,
    ignore: named
      .filter(({ part }) => part === 'ignore')
      .map(({ path, object }) => ({
        object,
        reason: read(`${path}.reason`) ?? '',
        until: read(`${path}.until`) ?? '',
      })),
    unmanaged: named.filter(({ part }) => part === 'unmanaged').map(({ object }) => object),
  }
}
