// The section `retire` of the configuration: how what migrations drop is hidden first.
import * as z from 'zod/mini'
import { parseDuration } from '../core/duration.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

export interface RetireConfig {
  /** Milliseconds, of a line `-- wwdb:retire` without a time and of what is retired without a line. */
  readonly grace: number
  /** False where only lines retire, also in a protected environment. */
  readonly isDefault: boolean
}

/** `retire` of the configuration file. */
export const retire = z.strictObject({
  grace: described(
    'How long a retired table, column or index must be unused before it is dropped: "14d"; "none" retires only below `-- wwdb:retire`.',
    z.optional(checkedText(objectToGrace)),
  ),
})

/** The keys that are known at a depth of segments below the top. */
export function retireKeys(depth: number): readonly string[] {
  return depth === 1 ? Object.keys(retire.shape) : []
}

function objectToGrace(text: string): Objection {
  const outcome = parseDuration(text)
  return outcome.type === 'fault' ? quoteWhy(text, outcome) : null
}

const usualGrace = 14 * 86_400_000

/** What the configuration says of retirement. */
export function resolveRetire(read: (path: string) => string | null, isProtected: boolean): RetireConfig {
  const grace = parseDuration(read('retire.grace') ?? '14d')
  return grace.type === 'duration'
    ? { grace: grace.milliseconds, isDefault: isProtected }
    : { grace: usualGrace, isDefault: false }
}
