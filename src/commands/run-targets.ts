import type { Config } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../domain/exit-code.ts'
import type { Plan } from '../domain/plan.ts'
import type { Result } from '../domain/result.ts'
import { ToolError } from '../domain/tool-error.ts'
import { makePlan } from '../engine/make-plan.ts'
import { type RunReport, runPlan } from '../engine/run-plan.ts'
import type { OpenTarget, OpenTargets } from '../engine/targets.ts'
import { classifyStatement } from '../sql/classify.ts'
import type { CommandResult, Context } from './context.ts'

/** What a run is asked to do. */
export interface RunWish {
  readonly command: string
  readonly direction: 'up' | 'down'
  readonly to: string | null
  readonly steps: number | null
  readonly dryRun: boolean
  readonly allow: readonly string[]
  /** Only these steps, by name; absent for all. */
  readonly only?: ReadonlySet<string>
  /** Looks at the plan before anything is done: asks, compares with a plan from a file. */
  readonly confirm: (plan: Plan) => Promise<void>
}

function toResult(wish: RunWish, report: RunReport, milliseconds: number): Result {
  return { kind: 'run', command: wish.command, outcomes: report.outcomes, milliseconds, dryRun: false }
}

/** What went wrong decides; a defect is not ours to turn into a code. */
function exitCodeOf(report: RunReport): ExitCode {
  if (report.error === null) return exitCodes.done
  if (report.error instanceof ToolError) return report.error.exitCode
  throw report.error
}

/** Makes the plan of a run from the targets as they are. */
export async function makeRunPlan(
  _context: Context,
  config: Config,
  targets: readonly OpenTarget[],
  wish: Pick<RunWish, 'direction' | 'to' | 'steps' | 'only'>,
): Promise<Plan> {
  const { direction, to, steps, only } = wish
  return makePlan({ targets, direction, to, steps, outOfOrder: config.outOfOrder, only: only ?? null })
}

/** Plans, shows, asks and executes: one way for `migrate`, `rollback` and `redo`. */
export async function runTargets(
  context: Context,
  config: Config,
  open: OpenTargets,
  wish: RunWish,
): Promise<CommandResult> {
  const started = performance.now()
  context.emit({
    type: 'run-started',
    command: wish.command,
    targets: open.targets.map((target) => target.session.target),
  })
  const plan = (targets: readonly OpenTarget[]): Promise<Plan> => makeRunPlan(context, config, targets, wish)
  if (wish.dryRun)
    return { result: { kind: 'plan', plan: await plan(open.targets), file: null }, exitCode: exitCodes.done }
  const report = await runPlan({
    config,
    open,
    emit: context.emit,
    stop: context.stop,
    plan,
    approve: async (made) => {
      context.emit({ type: 'plan-ready', plan: made })
      await wish.confirm(made)
    },
    classify: classifyStatement,
    approveResolved: () => {},
  })
  return { result: toResult(wish, report, performance.now() - started), exitCode: exitCodeOf(report) }
}
