import { assertNever } from '../../domain/tool-error.ts'
import { describeHolder, nameHolder } from './holder.ts'
import type { TargetProgress } from './run-progress.ts'

/**
 * What a target does, for its one line on a terminal. There is little room: what keeps it waiting comes first, and the name
 * of the migration gives way to it.
 */
export function nameActivity({ activity, step }: TargetProgress): string {
  switch (activity.type) {
    case 'starting':
      return 'connecting'
    case 'locked-out':
      return activity.holder === null
        ? 'waiting for the lock'
        : `waiting for the lock of ${nameHolder(activity.holder)}`
    case 'planning':
      return 'reading the journal'
    case 'waiting':
      return `waiting for ${activity.after.join(', ')}`
    case 'between':
      return step ?? 'starting'
    case 'statement': {
      const position = `${activity.statement + 1}/${activity.total} ${activity.summary}`
      const [blocker, ...others] = activity.blockedBy
      if (blocker === undefined) return step === null ? position : `${position}  ${step}`
      const more = others.length > 0 ? ` and ${others.length} more` : ''
      return `${position} blocked by ${nameHolder(blocker)}${more}`
    }
    case 'finished':
      return 'finished'
    default:
      return assertNever(activity)
  }
}

/** The same as a part of a sentence after the database's name, for logs: nothing is left out. */
export function describeActivity({ activity, step }: TargetProgress): string {
  switch (activity.type) {
    case 'starting':
      return 'is connecting'
    case 'locked-out':
      return `waits for the lock${activity.holder === null ? '' : `, held by ${describeHolder(activity.holder)}`}`
    case 'planning':
      return 'reads the journal'
    case 'waiting':
      return `${step ?? 'a migration'} waits for ${activity.after.join(', ')}`
    case 'between':
      return `${step ?? 'the first migration'} is under way`
    case 'statement': {
      const what = `${step ?? ''} statement ${activity.statement + 1} of ${activity.total} (${activity.summary})`.trim()
      if (activity.blockedBy.length === 0) return `${what} is running`
      return `${what} is blocked by ${activity.blockedBy.map(describeHolder).join('; and by ')}`
    }
    case 'finished':
      return 'has finished'
    default:
      return assertNever(activity)
  }
}
