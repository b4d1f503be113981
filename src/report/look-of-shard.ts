import { formatMinute } from '../core/instant.ts'
import { countOf } from '../core/plural.ts'
import { assertNever } from '../core/tool-error.ts'
import type { ShardListing } from '../shards/answers.ts'
import type { ShardLook } from './report.ts'

/** How the calendar shows a shard now. */
export function lookOfShard({ state, from, to, archive }: ShardListing, now: number): ShardLook {
  switch (state) {
    case 'live':
    case 'sealed':
    case 'unregistered':
      if (from !== null && Date.parse(from) > now) return 'premade'
      return state === 'sealed' || (to !== null && Date.parse(to) <= now) ? 'past' : 'live'
    case 'holding':
    case 'held':
    case 'dropping':
    case 'restoring':
      return 'held'
    case 'archived':
      return 'archived'
    case 'dropped':
      return archive === null ? 'dropped' : 'archived'
    case 'lost':
    case 'missing':
      return 'missing'
    default:
      return assertNever(state)
  }
}

/** What else a person should know about its state; empty for most shards. */
export function noteOfShard({ state, rows, hold, archive, protected: reason }: ShardListing): string {
  const parts = [
    state === 'unregistered' ? 'not in the registry' : null,
    state === 'lost' ? 'dropped outside of wwdb' : null,
    rows === null ? null : countOf(rows, 'row'),
    hold === null || state === 'dropped' ? null : `in ${hold.table} until ${formatMinute(hold.until)} UTC`,
    archive === null ? null : `archive ${archive}`,
    reason === null ? null : `protected: ${reason}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}
