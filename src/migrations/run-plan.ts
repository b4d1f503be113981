import type { ExecutionTuning } from './execute/work.ts'
import { approve, Planner } from './plan/plan-run.ts'
import { hasWork } from './plan.ts'
import { nothingToDo } from './run-outcomes.ts'
import type { RunReport, RunRequest } from './run-request.ts'

/**
 * Executes what the options ask for: plans without a lock, and only if there is something to do takes the locks,
 * settles what earlier runs left open, plans again and executes. Throws ToolError for an error before the first
 * statement; a later error is in the report, with what was done before it.
 */
export async function runPlan(request: RunRequest, tuning?: ExecutionTuning): Promise<RunReport> {
  const planner = new Planner(request)
  const { plan: first, databases } = await planner.plan(request.open)
  const { targets } = databases
  const unsettled = targets.some((target) => target.snapshot.passes.some((pass) => pass.open > 0))
  if (!hasWork(first) && !unsettled) {
    await approve(request, first)
    return { plan: first, outcomes: nothingToDo(first), error: null }
  }
  for (const { session } of targets) session.warmUp()
  // All that executes is loaded when there is something to do.
  const { carryOut } = await import('./carry-out-plan.ts')
  await approve(request, first)
  return carryOut(request, planner, { plan: first, databases }, tuning)
}
