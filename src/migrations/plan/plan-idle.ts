import type { Config } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isBegunOnly } from '../journal/compare-records.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import { mayHaveLeft } from '../online-changes.ts'
import { hasWork, type Plan } from '../plan.ts'
import { findUnrecorded } from '../stale-schema.ts'
import type { SeenTarget } from '../targets.ts'
import { type PlanOptions, planJournals } from './make-run-plan.ts'

/** Whether passes ended after the record of the schema: their effects are read and recorded. */
export function isBehind({ mark, passes }: JournalSnapshot): boolean {
  return mark !== undefined && mark !== null && findUnrecorded(mark, passes).length > 0
}

/** Whether an earlier run left what the next one settles under the lock, also where it has no step. */
export function isUnsettled({ snapshot }: Pick<SeenTarget, 'snapshot'>): boolean {
  return snapshot.passes.some((pass) => pass.open > 0) || isBehind(snapshot) || isBegunOnly(snapshot)
}

/**
 * The plan of databases of which only the journals were read. Null where a step is planned, something is to be settled, no plan is possible, or only a
 * session can tell: then the databases are opened, and everything is asked again there. Pure.
 */
export function planIdle(config: Config, targets: readonly SeenTarget[], options: PlanOptions): Plan | null {
  if (options.direction === 'down') return null
  if (targets.some((target) => isUnsettled(target) || mayHaveLeft(target.snapshot))) return null
  try {
    const plan = planJournals(config, { targets, neighbors: [], unreached: [] }, options)
    return hasWork(plan) ? null : plan
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}
