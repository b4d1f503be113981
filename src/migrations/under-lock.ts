import type { Config } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import type { TargetOutcome } from '../core/result.ts'
import { lockTargets, prepareJournal, unlockTargets } from './locking.ts'
import type { StopRequest } from './ports.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'

export interface JournalWork {
  readonly config: Config
  readonly open: OpenTargets
  readonly emit: Emit
  readonly stop: StopRequest
  /** Changes the journal of one target; says what it did, a line each. */
  readonly work: (target: OpenTarget) => Promise<readonly string[]>
}

/** Takes the locks of all targets, then changes one journal after another. */
export async function changeJournals(request: JournalWork): Promise<readonly TargetOutcome[]> {
  await lockTargets(request, request.open.targets)
  try {
    const outcomes: TargetOutcome[] = []
    for (const target of request.open.targets) {
      const fresh = await prepareJournal(await refreshTarget(target), request.open.references)
      const started = performance.now()
      const done = await request.work(fresh)
      outcomes.push({
        target: target.session.target,
        state: done.length > 0 ? 'done' : 'nothing-to-do',
        done,
        notDone: [],
        statements: 0,
        milliseconds: performance.now() - started,
        fault: null,
        code: null,
      })
    }
    return outcomes
  } finally {
    await unlockTargets(request.open.targets)
  }
}
