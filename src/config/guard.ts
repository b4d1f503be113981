// The section `guard` of the configuration: what keeps a DDL statement out of the queue behind a forgotten transaction.
import * as z from 'zod/mini'
import { longestTimer, parseDuration } from '../core/duration.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

export interface GuardConfig {
  /**
   * Milliseconds that a transaction may use a table before DDL statements on the table wait for its end; null where this is not
   * checked.
   */
  readonly transaction: number | null
  /** Milliseconds that a DDL statement waits for that end. */
  readonly budget: number
}

/** `guard` of the configuration file. */
export const guard = z.strictObject({
  transaction: described(
    'The age at which a transaction makes definitions of its tables wait outside the lock queue: "10s"; with "none" nobody looks.',
    z.optional(checkedText(objectToAge)),
  ),
  budget: described(
    'How long a definition waits for such transactions before it fails: "1m".',
    z.optional(checkedText(objectToBudget)),
  ),
})

/** The keys that are known at a depth, in segments below the top. */
export function guardKeys(depth: number): readonly string[] {
  return depth === 1 ? Object.keys(guard.shape) : []
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

/** The configuration of the guard. */
export function resolveGuard(read: (path: string) => string | null): GuardConfig {
  const milliseconds = (path: string): number | null => {
    const outcome = parseDuration(read(path) ?? 'none')
    return outcome.type === 'duration' ? outcome.milliseconds : null
  }
  return { transaction: milliseconds('guard.transaction'), budget: milliseconds('guard.budget') ?? 0 }
}
