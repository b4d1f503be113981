import { randomBytes } from 'node:crypto'

const pattern = /^(wwdb_scratch_[0-9a-f]{12})(?:_\d+)?$/

/** A unique name for a scratch schema; where a run has several, numbers follow: `wwdb_scratch_0123456789ab_1`. */
export function nameScratch(): string {
  return `wwdb_scratch_${randomBytes(6).toString('hex')}`
}

/** The name of a scratch schema's lock; null for every other schema. */
export function scratchLockOf(schema: string): string | null {
  return pattern.exec(schema)?.[1] ?? null
}
