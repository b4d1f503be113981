import type { Config } from '../config/config.ts'
import type { CommandResult, Context } from '../core/context.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { Result } from '../core/result.ts'
import { ToolError } from '../core/tool-error.ts'
import type { FanOutPlanRequest } from '../shards/fan-out/plan-fan-outs.ts'
import { fanOutServices } from '../shards/fan-out/services.ts'
import { classifyStatement } from '../sql/classify.ts'
import { approvePlan, approveResolved, type Permission } from './plan/approve-plan.ts'
import { assessPlan } from './plan/assess-plan.ts'
import { stopForeseenFailures } from './plan/foresee-failures.ts'
import { makePlan } from './plan/make-plan.ts'
import { type Plan, stepName } from './plan.ts'
import { type RunReport, runPlan } from './run-plan.ts'
import type { OpenTarget, OpenTargets } from './targets.ts'
import { exitCodeWith, listUnreached, refuseCounting, toUnreachedOutcome } from './unreached.ts'

/** What a run is asked to do. */
export interface RunWish {
  readonly command: string
  readonly direction: 'up' | 'down'
  readonly to: string | null
  readonly steps: number | null
  readonly dryRun: boolean
  readonly allow: readonly string[]
  /** False leaves the server's own answers about ALTERs out of the plan. */
  readonly probe: boolean
  /** So many shards may fail before no further one is begun. Default 0. */
  readonly errorBudget?: number | undefined
  /** Of migrations that run on shards: only those that failed before. */
  readonly failedOnly?: boolean | undefined
  /** Only these steps, by name; absent for all. */
  readonly only?: ReadonlySet<string>
  /** Looks at the plan before anything is done: asks, compares with a plan from a file. */
  readonly confirm: (plan: Plan) => Promise<void>
}

function toResult(wish: RunWish, { outcomes }: RunReport, milliseconds: number): Result {
  return { kind: 'run', command: wish.command, outcomes, milliseconds, dryRun: false }
}

/** Outcomes in the order of the configuration, with those of databases that were not reached. */
function withUnreached(config: Config, open: OpenTargets, report: RunReport): RunReport {
  const order = config.databases.map(({ name }) => name)
  const lacking = open.unreached.filter(({ chosen }) => chosen).map(toUnreachedOutcome)
  const outcomes = [...report.outcomes, ...lacking].toSorted(
    (a, b) => order.indexOf(a.target.database) - order.indexOf(b.target.database),
  )
  return { ...report, outcomes }
}

/** True where something is not known, or left out, because a server was not reached. */
export function isIncomplete({ targets, unreached = [] }: Plan): boolean {
  return unreached.length > 0 || targets.some(({ blocked = [] }) => blocked.length > 0)
}

/** What went wrong decides; a defect is not ours to turn into a code. */
function exitCodeOf(report: RunReport): ExitCode {
  if (report.error === null) return exitCodes.done
  if (report.error instanceof ToolError) return report.error.exitCode
  throw report.error
}

/** Makes the plan of a run from the targets as they are, with shards, hazards and expected algorithms. */
export async function makeRunPlan(
  context: Pick<Context, 'shardServers' | 'shardLedgers'>,
  config: Config,
  { targets, neighbours, unreached }: Pick<OpenTargets, 'targets' | 'neighbours' | 'unreached'>,
  wish: Pick<RunWish, 'direction' | 'to' | 'steps' | 'only' | 'probe'>,
): Promise<Plan> {
  const { direction, to, steps, only } = wish
  const { outOfOrder } = config
  if (steps !== null) refuseCounting(unreached)
  const places = unreached.map(({ database, all }) => ({
    name: database.name,
    server: database.server.label,
    migrations: all,
  }))
  const around = { neighbours, unreached: places }
  const made = makePlan({ targets, ...around, direction, to, steps, outOfOrder, only: only ?? null })
  const plan = { ...made, unreached: listUnreached(unreached) }
  const schemas = new Map(config.databases.map((database) => [database.name, database.schema]))
  const located = await locateShards(plan, () => {
    const services = fanOutServices(context, config, wish)
    return { request: { config, services, schemas, probe: wish.probe }, targets }
  })
  return assessPlan(located, targets, schemas, wish.probe)
}

/** Loaded where a step runs on shards: most plans have none. */
async function locateShards(
  plan: Plan,
  ask: () => { readonly request: FanOutPlanRequest; readonly targets: readonly OpenTarget[] },
): Promise<Plan> {
  const steps = plan.targets.flatMap((target) => target.steps)
  if (!steps.some((step) => step.migration.shards !== undefined)) return plan
  const { planFanOuts } = await import('../shards/fan-out/plan-fan-outs.ts')
  const { request, targets } = ask()
  return planFanOuts(request, plan, targets)
}

/** Plans, shows, asks and executes: one way for `migrate`, `rollback` and `redo`. */
export async function runTargets(
  context: Context,
  config: Config,
  open: OpenTargets,
  wish: RunWish,
): Promise<CommandResult> {
  const started = performance.now()
  const { emit, stop } = context
  emit({ type: 'run-started', command: wish.command, targets: open.targets.map((target) => target.session.target) })
  const { neighbours, unreached } = open
  let chosen = wish.only
  // What "the last step" means is decided once: the plan under the lock must not go on to the next one because an earlier
  // run turns out to have finished this one.
  const plan = async (targets: readonly OpenTarget[]): Promise<Plan> => {
    const made = await makeRunPlan(
      context,
      config,
      { targets, neighbours, unreached },
      { ...wish, ...(chosen && { only: chosen }) },
    )
    if (wish.steps !== null) chosen ??= new Set(made.targets.flatMap((target) => target.steps.map(stepName)))
    return made
  }
  if (wish.dryRun) {
    const made = await plan(open.targets)
    const exitCode = exitCodeWith(exitCodes.done, isIncomplete(made))
    return { result: { kind: 'plan', plan: made, file: null }, exitCode }
  }
  const permission: Permission = { allow: wish.allow, protected: config.protected }
  const ended = await runPlan({
    config,
    open,
    emit,
    stop,
    plan,
    approve: async (made) => {
      emit({ type: 'plan-ready', plan: made })
      stopForeseenFailures(made)
      approvePlan(made, permission)
      await wish.confirm(made)
    },
    classify: classifyStatement,
    fanOuts: fanOutServices(context, config, wish),
    approveResolved: (statement, facts, text, step) => approveResolved(statement, facts, text, step, permission),
  })
  const report = withUnreached(config, open, ended)
  const exitCode = exitCodeWith(exitCodeOf(report), isIncomplete(report.plan))
  return { result: toResult(wish, report, performance.now() - started), exitCode }
}
