// The section `audit` of the configuration: how long the record of runs is kept.
import * as z from 'zod/mini'
import { describeDuration, parseDuration } from '../core/duration.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

/** How long the record of runs is kept. */
export interface AuditConfig {
  /** Milliseconds; null keeps it forever. */
  readonly keep: number | null
}

/** Younger rows explain the runs of these days. A shorter length is a mistake in its unit: `24m` are minutes. */
const shortest = 30 * 86_400_000

/** `audit` of the configuration file. */
export const audit = z.strictObject({
  keep: described(
    'How long records of runs, and of events of shards that no longer exist, are kept: "none" (forever), or at least "30d".',
    z.optional(checkedText(objectToKeep)),
  ),
})

/** The keys that are known at a depth, in segments below the top. */
export function auditKeys(depth: number): readonly string[] {
  return depth === 1 ? Object.keys(audit.shape) : []
}

function objectToKeep(text: string): Objection {
  const outcome = parseDuration(text)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'none' || outcome.milliseconds >= shortest) return null
  return quoteWhy(text, {
    why: `which is shorter than ${describeDuration(shortest)}`,
    next: 'Write a length such as `730d`, or `none` to keep the record forever.',
  })
}

/** The configuration of the record of runs. */
export function resolveAudit(keep: string | null): AuditConfig {
  const outcome = parseDuration(keep ?? 'none')
  return { keep: outcome.type === 'duration' ? outcome.milliseconds : null }
}
