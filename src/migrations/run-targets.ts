import type { CommandResult, Context } from '../command/context.ts'
import type { Emit } from '../command/event.ts'
import type { Result, TargetOutcome } from '../command/result.ts'
import type { Config } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { allowKilling } from '../operate/allow-killing.ts'
import { openGovernors } from '../operate/governors.ts'
import { Stalls } from '../operate/stall.ts'
import { replaying } from './behind-record.ts'
import type { ExecutionTuning } from './execute/work.ts'
import { onlineChanges } from './online-changes.ts'
import { isIncomplete, makeSettledPlan } from './plan/make-run-plan.ts'
import { isUnsettled, planIdle } from './plan/plan-idle.ts'
import {
  type Approval,
  approve,
  type Confirm,
  Planner,
  type RunOptions,
  type RunReport,
  type RunRequest,
} from './plan/plan-run.ts'
import { foreseesFailure, hasWork, type Plan } from './plan.ts'
import { type MigrationHooks, migrationHooks } from './ports.ts'
import type { SchemaRecording } from './record-run.ts'
import { hasRetired, retirementsOf } from './retirements.ts'
import { nothingToDo } from './run-outcomes.ts'
import type { ShardSteps } from './shard-steps.ts'
import type { OpenTargets, SeenTarget } from './targets.ts'
import { exitCodeWith, toUnreachedOutcome } from './unreached.ts'

/** What a command requires from a run. */
export interface RunCommand extends RunOptions {
  readonly command: string
  /** True to only make the plan. */
  readonly dryRun: boolean
  /** True to kill sessions that keep definitions waiting, as `guard.kill` allows. */
  readonly killBlockers?: boolean
  /** What runs migrations with `-- wwdb:shards`. */
  readonly shards: ShardSteps
  readonly confirm: Confirm
  /** Asked under the locks before each migration, ahead of hooks: throws where it must not run any more. */
  readonly before?: MigrationHooks['before']
  /** A rollback: True to take migrations of keyspaces back by REVERT, and not by their down parts. */
  readonly revert?: boolean
  /** False where the schema is not recorded: in scratch schemas. */
  readonly records?: boolean
}

function toResult({ command }: RunCommand, { outcomes }: RunReport, milliseconds: number): Result {
  return { kind: 'run', command, outcomes, milliseconds, dryRun: false }
}

/** Outcomes in the order of the configuration, with those of databases that were not reached. */
function withUnreached(config: Config, report: RunReport): RunReport {
  const order = config.databases.map(({ name }) => name)
  const lacking = (report.plan.unreached ?? []).map(toUnreachedOutcome)
  const outcomes = [...report.outcomes, ...lacking].toSorted(
    (a, b) => order.indexOf(a.target.database) - order.indexOf(b.target.database),
  )
  return { ...report, outcomes }
}

function withStall(outcome: TargetOutcome, stalls: Stalls): TargetOutcome {
  const stall = stalls.of(outcome.target.database)
  return stall === null ? outcome : { ...outcome, stall }
}

/** The exit code of the first error; a defect is thrown again. */
function exitCodeOf(report: RunReport): ExitCode {
  if (report.error === null) return exitCodes.done
  if (report.error instanceof ToolError) return report.error.exitCode
  throw report.error
}

/**
 * A rollback that was cut off, or is in progress, makes a plan impossible until its progress is known: that is checked under the lock, before
 * anything is reported. Any other error is rethrown.
 */
function unlessUnsettled({ targets }: OpenTargets): (error: unknown) => null {
  return (error) => {
    const isReverting = targets.some(({ state }) => [...state.states.values()].some(({ type }) => type === 'reverting'))
    if (error instanceof ToolError && error.code === 'PLAN_IMPOSSIBLE' && isReverting) return null
    throw error
  }
}

async function endIdle(request: Approval, plan: Plan): Promise<RunReport> {
  await approve(request, plan)
  return { plan, outcomes: nothingToDo(plan), error: null }
}

/**
 * Executes the requested run: plans without a lock, and only if there is something to do takes the locks, settles what
 * earlier runs left open, plans again and executes. Throws ToolError for an error before the first statement; a later
 * error is in the report, with what was done before it.
 */
export async function runPlan(request: RunRequest, tuning?: ExecutionTuning): Promise<RunReport> {
  // Where there is no journal, there is something to do: the second connection is opened while the files are read.
  for (const { session, snapshot } of request.open.targets) if (!snapshot.exists) session.warmUp()
  const planner = new Planner(request)
  const planned = await planner.plan(request.open).catch(unlessUnsettled(request.open))
  if (planned === null) {
    const { carryOut } = await import('./carry-out-plan.ts')
    return carryOut(request, planner, { plan: null, databases: request.open }, tuning)
  }
  const { plan: first, databases } = planned
  const { targets } = databases
  const unsettled = targets.some(isUnsettled)
  const hasLeft = async (): Promise<boolean> => {
    for (const target of targets) if ((await request.online?.hasLeft(target)) === true) return true
    return false
  }
  if (!hasWork(first) && !unsettled && !(await hasLeft())) return endIdle(request, first)
  for (const { session } of targets) session.warmUp()
  // The code for execution is loaded when there is something to do.
  const { carryOut } = await import('./carry-out-plan.ts')
  // Predicted failures are checked again under the locks first: another run may be changing the same thing.
  if (!foreseesFailure(first)) await approve(request, first)
  return carryOut(request, planner, { plan: first, databases }, tuning)
}

/** Plans, shows, asks and executes: the same for `migrate`, `rollback` and `redo`. */
export async function runTargets(
  context: Context,
  config: Config,
  opened: OpenTargets,
  command: RunCommand,
): Promise<CommandResult> {
  const open = command.direction === 'down' ? await returning(context, opened, command.revert ?? false) : opened
  return runAs(context, config, command, {
    targets: open.targets,
    plan: () => makeSettledPlan(config, open, command, command.shards),
    run: (request) => runPlan({ ...request, open }),
  })
}

/** How `runTargets` ends where the journals show that there is nothing to do; null where they do not. The databases have no sessions of their own. */
export function findIdleRun(
  context: Context,
  config: Config,
  targets: readonly SeenTarget[],
  command: RunCommand,
): (() => Promise<CommandResult>) | null {
  const plan = planIdle(config, targets, command)
  if (plan === null) return null
  const work = { targets, plan: async () => plan, run: (request: Approval) => endIdle(request, plan) }
  return () => runAs(context, config, command, work)
}

/** What a run is about, and what makes its plan or carries it out. */
interface Run {
  readonly targets: readonly SeenTarget[]
  readonly plan: () => Promise<Plan>
  readonly run: (request: Omit<RunRequest, 'open'>) => Promise<RunReport>
}

async function runAs(context: Context, config: Config, command: RunCommand, work: Run): Promise<CommandResult> {
  const started = performance.now()
  const { stop } = context
  const stalls = new Stalls()
  const emit: Emit = (event) => {
    stalls.observe(event)
    context.emit(event)
  }
  emit({ type: 'run-started', command: command.command, targets: work.targets.map(({ session }) => session.target) })
  const { shards } = command
  if (command.dryRun) {
    const plan = await work.plan()
    const exitCode = exitCodeWith(exitCodes.done, isIncomplete(plan))
    return { result: { kind: 'plan', plan, file: null }, exitCode }
  }
  const killer = command.killBlockers === true ? await allowKilling({ ...context, emit }, config) : null
  const governors = await openGovernors(context, config)
  const recording = command.records === false ? {} : { recording: recordingOf(config, context, shards.scope) }
  const ended = await work
    .run({
      config,
      options: command,
      emit,
      stop,
      shards,
      ...recording,
      hooks: command.records === false ? null : askFirst(command.before, await context.port(migrationHooks)),
      governors,
      killer,
      ...(command.records === false
        ? {}
        : { online: onlineChanges(context, config), retirements: retirementsOf(context, config) }),
      confirm: command.confirm,
    })
    .finally(() => governors?.close())
  const report = withUnreached(config, { ...ended, outcomes: ended.outcomes.map((one) => withStall(one, stalls)) })
  const exitCode = exitCodeWith(exitCodeOf(report), isIncomplete(report.plan))
  return { result: toResult(command, report, performance.now() - started), exitCode }
}

/** What is only hidden is put back by a rollback, and not created again; what Vitess keeps it can take back itself. */
async function returning(context: Context, opened: OpenTargets, isRevert: boolean): Promise<OpenTargets> {
  const mayRevert = isRevert || opened.targets.some(({ session }) => session.reverting !== undefined)
  const open = mayRevert ? await (await import('./return-by-vitess.ts')).returnByVitess(opened, isRevert) : opened
  if (!open.targets.some(({ snapshot }) => hasRetired(snapshot))) return open
  const { returnRetired } = await import('./return-retired.ts')
  return returnRetired(context, open)
}

function askFirst(before: RunCommand['before'], hooks: MigrationHooks | null): MigrationHooks | null {
  if (before === undefined) return hooks
  return {
    before: async (target, step) => {
      await before(target, step)
      await hooks?.before(target, step)
    },
    after: async (target, step, end) => hooks?.after(target, step, end),
  }
}

/** What a run needs to record schemas. Templates, and lists of adopted tables, are read when it has something to do. */
export function recordingOf(
  config: Config,
  { now, port }: Pick<Context, 'now' | 'port'>,
  scope: ShardSteps['scope'],
): SchemaRecording {
  let read: ReturnType<typeof scope> | null = null
  const once: typeof scope = () => {
    read ??= scope()
    return read
  }
  return {
    scope: once,
    now,
    replay: async (request) => (await port(replaying)).replayBehind(config, await once(), request),
  }
}
