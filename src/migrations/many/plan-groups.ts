import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { MakeShardSteps } from '../migrate.ts'
import { makeSettledPlan } from '../plan/make-run-plan.ts'
import { foreseesFailure, type Plan } from '../plan.ts'
import { withTargets } from '../with-targets.ts'
import type { ListedTarget } from './judge-list.ts'
import { configOf } from './look.ts'
import type { Files } from './migrate-many.ts'
import { pointFault } from './point-at.ts'

/** How a target is planned that stands for others. */
export interface GroupPlanning {
  readonly to?: string | undefined
  readonly steps?: number | undefined
  /** False leaves out what is tried in scratch schemas. */
  readonly probe: boolean
  readonly makeShardSteps: MakeShardSteps
}

/** What one target of a group gets: its plan, or why there is none. */
export interface GroupPlan {
  readonly planned: { readonly plan: Plan } | { readonly fault: Fault }
  /** How the plan of that target alone would end. */
  readonly exitCode: ExitCode
}

/** Groups of which one target is planned: each plan opens its target, and may try statements in scratch schemas. */
export const mostPlans = 3

/** Plans one target as its own `plan` does: statements, hazards, and what the server says of them. Rejects only for a defect. */
export async function planGroup(
  context: Context,
  { config, files, target }: { readonly config: Config; readonly files: Files; readonly target: ListedTarget },
  { to, steps, probe, makeShardSteps }: GroupPlanning,
): Promise<GroupPlan> {
  const own = configOf(config, target)
  const { name } = target.database
  const inside: Context = { ...context, targets: [name], config: async () => own }
  const options = { direction: 'up' as const, to: to ?? null, steps: steps ?? null, probe, triesFirstBuild: true }
  try {
    return await withTargets(inside, { writable: false, plans: true, files }, async (_, open) => {
      const plan = await makeSettledPlan(own, open, options, makeShardSteps(inside, own, { probe }))
      return { planned: { plan }, exitCode: foreseesFailure(plan) ? exitCodes.failed : exitCodes.done }
    })
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const fault = pointFault({ label: target.label, name }, error.faults[0] ?? { what: error.message })
    return { planned: { fault }, exitCode: error.exitCode }
  }
}
