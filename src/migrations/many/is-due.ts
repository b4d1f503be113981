import type { Config } from '../../config/config.ts'
import { findNeighbors } from '../plan/database-state.ts'
import { planIdle } from '../plan/plan-idle.ts'
import type { SeenTarget } from '../targets.ts'
import type { ListedTarget } from './judge-list.ts'
import { configOf, type TargetLook } from './look.ts'
import type { Files, ManyOptions } from './migrate-many.ts'

interface Due {
  readonly config: Config
  readonly files: Files
  readonly target: ListedTarget
  readonly options: Pick<ManyOptions, 'to' | 'steps' | 'failedOnly'>
}

/** Whether a target must be opened: it has something to do, or only a session of its own can tell. Pure. */
export function isDue({ config, files, target, options }: Due, look: TargetLook): boolean {
  const isSeen = look.type === 'seen'
  // What its journal says only a session of its own can read: an attempt on it may have failed.
  if (options.failedOnly === true) return isSeen ? hasFailed(look.seen) : look.type === 'unclear'
  if (!isSeen) return true
  // Whether migrations of other databases are done is not in this journal.
  if (findNeighbors(config.databases, [target.database], files).length > 0) return true
  const { to = null, steps = null } = options
  return planIdle(configOf(config, target), [look.seen], { direction: 'up', to, steps, probe: false }) === null
}

/** A migration that was begun and is not complete: the last attempt failed, was killed, or is under way. */
export function hasFailed({ state }: SeenTarget): boolean {
  return [...state.states.values()].some(({ type }) => type === 'partial' || type === 'reverting')
}
