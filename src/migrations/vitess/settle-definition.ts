import type { Settlement } from '../journal/settlement.ts'
import type { Compared } from './compare-shards.ts'
import type { EndedState } from './shard-migrations.ts'

/** What Vitess did not complete anywhere, as it says. The tablet may have ended in between, and the server have gone on. */
export type Refused =
  | { readonly type: 'not-run' }
  | { readonly type: 'ran' }
  | { readonly type: 'unknown'; readonly why: string }

/** Judges `failed` and `cancelled` by what the shards have: Vitess also says so of a plain definition whose tablet restarted while its server carried it out. */
export function judgeRefused(why: string, compared: Compared): Refused {
  switch (compared.type) {
    case 'unchanged':
      return { type: 'not-run' }
    case 'changed':
      return { type: 'ran' }
    case 'unclear':
      return { type: 'unknown', why: `${why}; ${compared.why}` }
    default: {
      const never: never = compared
      return never
    }
  }
}

/**
 * What an open row of a definition comes to. Where no shard has completed it, it is given to Vitess again, in its context. Where some have, a person is asked: its text may have been corrected since.
 * @param objects how many the definition names
 * @param isRevert the row takes back what Vitess has run
 * @param compared null where Vitess has completed it somewhere: then its own word counts
 */
export function settleDefinition(
  state: EndedState,
  objects: number,
  compared: Compared | null,
  isRevert = false,
): Settlement {
  switch (state.type) {
    case 'absent':
      return settleAbsent(compared)
    case 'complete':
      if (state.tables === objects) return { type: 'ran', why: 'Vitess has completed it on every shard' }
      return {
        ...{ type: 'not-run', why: 'it is given to Vitess again, which runs it once on each shard' },
        ...(state.tables > 0 && { partly: true }),
      }
    case 'ended':
      if (state.isPartial) return isRevert ? settlePartRevert(state.why) : settlePartial(state.why)
      // Where the servers have refused it, a person has changed the table since.
      return settleRefused(state.why, state.isRefused === true ? { type: 'unchanged' } : compared)
    case 'silent':
      return { type: 'unknown', why: state.why, next: 'Run the command again after that.' }
    default: {
      const never: never = state
      return never
    }
  }
}

/** Vitess knows nothing of it: it was never given to it. */
function settleAbsent(compared: Compared | null): Settlement {
  if (compared?.type === 'unchanged')
    return { type: 'not-run', why: 'the objects it names are as they were before it, on every shard' }
  if (compared?.type === 'changed')
    return { type: 'ran', why: 'the objects it names have changed on every shard since it was opened' }
  return { type: 'unknown', why: compared?.why ?? notCompared }
}

const settlePartial = (why: string): Settlement => ({
  type: 'unknown',
  why: `Vitess has completed it on some shards alone: ${why}. After \`--not-run\`, the same text is run where it is missing; a corrected text would be run on every shard`,
})

/** On the other shards, it has begun with a copy that no other REVERT can begin with. */
const settlePartRevert = (why: string): Settlement => ({
  type: 'unknown',
  why: `Vitess has taken it back on some shards alone: ${why}. It may not be able to begin again on the others: take the change back there by hand, and answer \`--ran\` then`,
})

function settleRefused(why: string, compared: Compared | null): Settlement {
  const refused = compared === null ? ({ type: 'unknown', why: notCompared } as const) : judgeRefused(why, compared)
  if (refused.type === 'unknown') return refused
  if (refused.type === 'not-run')
    return { type: 'not-run', why: `no shard has completed it, and it is given to Vitess again: ${why}` }
  return {
    type: 'ran',
    why: `the objects it names have changed on every shard since it was opened, although Vitess says: ${why}`,
  }
}

const notCompared = 'what the shards have was not compared'

/** What shards have of what vtgate answered to with an error. */
export function describeFound(state: EndedState): string {
  if (state.type === 'ended' || state.type === 'silent') return state.why
  return state.type === 'complete'
    ? 'Vitess has completed it on every shard that took it'
    : 'no shard has it, and one may still get it'
}
