import type { Emit } from '../command/event.ts'
import { executePlan } from './execute/execute-plan.ts'
import { recoverTarget } from './execute/recover.ts'
import type { ExecutionTuning } from './execute/work.ts'
import { describeMovedNames } from './journal/moved-names.ts'
import { lockTargets, prepareJournal, refreshLocked, refreshTargets, unlockTargets } from './locking.ts'
import { isStillValid } from './plan/make-plan.ts'
import { approve, type PlannedRun, type Planner, type RunReport, type RunRequest } from './plan/plan-run.ts'
import { foreseesFailure, hasWork, type Plan } from './plan.ts'
import { beginRecords, refuseDrift, settleRecords } from './record-run.ts'
import { nothingToDo } from './run-outcomes.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'
import { refuseUndone } from './undo/refuse-undone.ts'

/** Under the locks: settles what earlier runs left, and reads the journals as they really are. */
async function refreshAll({ emit, online, stop }: RunRequest, open: OpenTargets): Promise<OpenTargets> {
  return refreshTargets(open, async (target) => {
    const locked = await refreshLocked(target)
    warnOfMovedNames(locked, emit)
    const fresh = await prepareJournal(locked, open.references)
    return (await recoverTarget(fresh, emit, online, stop)) ? refreshTarget(fresh) : fresh
  })
}

/** Once: after it, the setting is recorded. */
function warnOfMovedNames(target: OpenTarget, emit: Emit): void {
  const moved = describeMovedNames(target)
  if (moved !== null) emit({ type: 'warning', message: `${moved.what} ${moved.why}`, target: target.session.target })
}

/**
 * A plan without a lock is based on data that another run may be changing: the trial may see a column that the journal, read earlier, still calls
 * pending. Predicted failures are therefore checked again under the locks, and reported only if they are predicted there, too.
 */
async function makeSure<T extends Plan | null>(
  request: RunRequest,
  planner: Planner,
  { plan, databases }: { readonly plan: T; readonly databases: OpenTargets },
): Promise<{ readonly plan: Plan | T; readonly databases: OpenTargets }> {
  if (plan === null || !foreseesFailure(plan)) return { plan, databases }
  const fresh = await refreshTargets(databases, (target) => refreshTarget(target))
  const sure = isStillValid(plan, fresh.targets) ? { plan, databases: fresh } : await planner.plan(fresh)
  await approve(request, sure.plan)
  return sure
}

/**
 * Carries out a plan: takes the locks, settles what earlier runs left open, plans again where that changed something, and executes. Without a
 * plan, the first one is made here. Throws ToolError for an error before the first statement; a later error is in the report.
 */
export async function carryOut(
  request: RunRequest,
  planner: Planner,
  { plan: unlocked, databases }: Omit<PlannedRun, 'plan'> & { readonly plan: Plan | null },
  tuning?: ExecutionTuning,
): Promise<RunReport> {
  try {
    // What it needs of the project is read while the server answers; who asks for it gets the error.
    request.recording?.scope().catch(() => undefined)
    const locked = await lockTargets(request, databases)
    const { plan: first, databases: sure } = await makeSure(request, planner, { plan: unlocked, databases: locked })
    const fresh = await refreshAll(request, sure)
    const isValid = first !== null && isStillValid(first, fresh.targets)
    const again = isValid ? { plan: first, databases: fresh } : await planner.plan(fresh)
    const { plan } = again
    if (plan !== first) await approve(request, plan)
    const { targets: open } = again.databases
    if (!hasWork(plan)) {
      await settleRecords(request, open)
      return { plan, outcomes: nothingToDo(plan), error: null }
    }
    // Putting rows back writes no journal: an undo that ended before the locks were taken is seen here.
    await refuseUndone(plan, open)
    const records = await beginRecords(request, plan, open)
    await refuseDrift(request, plan, records, open)
    return await executePlan(request, plan, open, records, tuning)
  } finally {
    await unlockTargets(databases.targets)
  }
}
