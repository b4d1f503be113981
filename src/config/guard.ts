// The section `guard` of the configuration: what keeps a DDL statement out of the queue behind a forgotten transaction.
import * as z from 'zod/mini'
import { longestTimer, parseDuration } from '../core/duration.ts'
import type { GuardConfig } from './guard-config.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

const kill = z.strictObject({
  users: described(
    'The users, without hosts, whose sessions may be killed.',
    z.array(checkedText(objectToUser)).check(z.minLength(1)),
  ),
  most: described(
    'How many sessions may be killed in one run, at most; 3 by default.',
    z.optional(z.int().check(z.gte(1))),
  ),
  rows: described(
    'How many rows the transaction of such a session may have changed, at most; 1000 by default.',
    z.optional(z.int().check(z.gte(0))),
  ),
})

/** `guard` of the configuration file. */
export const guard = z.strictObject({
  kill: described('Which sessions that hold tables for too long `--kill-blockers` may kill.', z.optional(kill)),
  transaction: described(
    'The age at which a transaction makes definitions of its tables wait outside the lock queue: "10s"; with "none" transactions are not checked.',
    z.optional(checkedText(objectToAge)),
  ),
  budget: described(
    'How long a definition waits for such transactions before it fails: "1m".',
    z.optional(checkedText(objectToBudget)),
  ),
})

/** The keys that are known at a depth, in segments below the top. */
export function guardKeys(depth: number): readonly string[] {
  if (depth === 2) return Object.keys(kill.shape)
  return depth === 1 ? Object.keys(guard.shape) : []
}

const killPath = /^guard\.kill\.(?:users\[\d+\]|most|rows)$/

/** Paths of what may be killed in any layer, for display. */
export function killPaths(layers: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  return [...new Set(layers.flatMap((layer) => [...layer.keys()].filter((path) => killPath.test(path))))]
}

function objectToUser(text: string): Objection {
  if (text.trim() !== '' && !text.includes('@')) return null
  return quoteWhy(text, {
    why: 'which is not the name of a user',
    next: 'Write the name alone, without its host: `app`.',
  })
}

function objectToAge(text: string): Objection {
  const outcome = parseDuration(text, longestTimer)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  // The server shows the start of a transaction in whole seconds.
  if (outcome.type === 'none' || outcome.milliseconds >= 1000) return null
  return quoteWhy(text, { why: 'which is shorter than 1 second', next: 'Write `10s` or `1m`.' })
}

function objectToBudget(text: string): Objection {
  const outcome = parseDuration(text, longestTimer)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'duration') return null
  return { why: 'cannot be `none`', next: 'Give it a limit, such as `1m`.' }
}

const mostKilled = 3
const mostRows = 1000

/**
 * The configuration of the guard.
 * @param paths those of all settings, each once
 */
export function resolveGuard(paths: readonly string[], read: (path: string) => string | null): GuardConfig {
  const milliseconds = (path: string): number | null => {
    const outcome = parseDuration(read(path) ?? 'none')
    return outcome.type === 'duration' ? outcome.milliseconds : null
  }
  const users = paths.filter((path) => path.startsWith('guard.kill.users[')).flatMap((path) => read(path) ?? [])
  return {
    transaction: milliseconds('guard.transaction'),
    budget: milliseconds('guard.budget') ?? 0,
    kill:
      users.length === 0
        ? null
        : {
            users,
            most: Number(read('guard.kill.most') ?? mostKilled),
            rows: Number(read('guard.kill.rows') ?? mostRows),
          },
  }
}
