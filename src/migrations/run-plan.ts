import type { Config } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import type { TargetOutcome } from '../core/result.ts'
import { ToolError } from '../core/tool-error.ts'
import type { FanOutServices } from '../shards/fan-out/services.ts'
import type { Statement, StatementFacts } from '../sql/statement.ts'
import { executeSteps } from './execute/execute-steps.ts'
import { adviseTakeover } from './execute/failures.ts'
import { recoverTarget } from './execute/recover.ts'
import { assignPasses } from './execute/resume.ts'
import { Gates, Slots } from './execute/scheduling.ts'
import type { ExecutionReport, ExecutionRequest, StepRun } from './execute/work.ts'
import { lockTargets, prepareJournal, unlockTargets } from './locking.ts'
import { digestWorld } from './plan/make-plan.ts'
import { explainBlocked } from './plan/order-steps.ts'
import type { Schemas } from './plan/placeholders.ts'
import type { Step } from './plan.ts'
import { migrationLabel, type Plan, stepName, type TargetPlan } from './plan.ts'
import type { StopRequest } from './ports.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'

export interface RunRequest {
  readonly config: Config
  readonly open: OpenTargets
  readonly emit: Emit
  readonly stop: StopRequest
  /** Makes the plan from the targets as they are now. Called again under the locks. */
  readonly plan: (targets: readonly OpenTarget[]) => Plan | Promise<Plan>
  /** Shows the plan and stops the run when something in it is not allowed. Called once for each plan that differs. */
  readonly approve: (plan: Plan) => void | Promise<void>
  readonly classify: (text: string) => StatementFacts
  readonly approveResolved: (statement: Statement, facts: StatementFacts, text: string, step: Step) => void
  /** What migrations that run on shards need; absent where there are none. */
  readonly fanOuts?: FanOutServices
}

export interface RunReport {
  readonly plan: Plan
  readonly outcomes: readonly TargetOutcome[]
  /** The first thing that went wrong, for the exit code; null when nothing did. */
  readonly error: unknown
}

const hasWork = (plan: Plan): boolean => plan.targets.some((target) => target.steps.length > 0)

/** Under the locks: settles what earlier runs left, and reads the journals as they really are. */
async function refreshAll(request: RunRequest): Promise<readonly OpenTarget[]> {
  return Promise.all(
    request.open.targets.map(async (target) => {
      const fresh = await prepareJournal(await refreshTarget(target), request.open.references)
      return (await recoverTarget(fresh, request.emit)) ? refreshTarget(fresh) : fresh
    }),
  )
}

function nothingToDo(plan: Plan): readonly TargetOutcome[] {
  const idle = { done: [], notDone: [], statements: 0, milliseconds: 0, fault: null, code: null }
  return plan.targets.map((target) => addBlocked({ target: target.target, state: 'nothing-to-do', ...idle }, target))
}

/** The outcome with the migrations that were left out because a server was not reached. */
function addBlocked(outcome: TargetOutcome, plan: TargetPlan | undefined): TargetOutcome {
  const blocked = plan?.blocked ?? []
  const fault = explainBlocked(outcome.target.database, blocked)
  if (fault === null) return outcome
  const notDone = [...outcome.notDone, ...blocked.map(migrationLabel)]
  const wentWell = outcome.state === 'done' || outcome.state === 'nothing-to-do'
  return wentWell ? { ...outcome, state: 'blocked', notDone, fault, code: 'BLOCKED' } : { ...outcome, notDone }
}

const labelOf = (run: StepRun): string => migrationLabel(run.step.migration)

function toOutcome(
  target: OpenTarget,
  runs: readonly StepRun[],
  report: ExecutionReport,
  milliseconds: number,
): TargetOutcome {
  const done = new Set(report.done)
  const error = report.error instanceof ToolError ? report.error : null
  const stopped = report.stopped || error?.code === 'STOPPED'
  const fault = error?.faults[0] ?? (report.error === null ? null : { what: String(report.error) })
  const dependent = error?.code === 'DEPENDENCY_FAILED' && report.done.length === 0
  const state =
    report.error !== null && !stopped
      ? dependent
        ? 'not-started'
        : 'failed'
      : stopped
        ? 'stopped'
        : runs.length === 0
          ? 'nothing-to-do'
          : 'done'
  return {
    target: target.session.target,
    state,
    done: report.done,
    notDone: runs.map(labelOf).filter((label) => !done.has(label)),
    statements: report.statements,
    milliseconds,
    fault,
    code: error?.code ?? null,
  }
}

interface Work {
  readonly target: OpenTarget
  readonly runs: readonly StepRun[]
}

/** Loaded where it is needed: most runs touch no shards. */
async function withFanOuts(
  { config, emit, stop, classify, fanOuts: services }: RunRequest,
  { target, runs }: Work,
  schemas: Schemas,
): Promise<Pick<ExecutionRequest, 'runs' | 'session'>> {
  if (services === undefined || !runs.some(({ step }) => step.migration.shards !== undefined))
    return { runs, session: target.session }
  const { fanOutSteps } = await import('../shards/fan-out/fan-out-steps.ts')
  return fanOutSteps({ config, services, schemas, classify, emit, stop }, target, runs)
}

async function executeTarget(
  request: RunRequest,
  work: Work,
  gates: Gates,
  slots: Slots,
  schemas: Schemas,
): Promise<{ readonly outcome: TargetOutcome; readonly error: unknown }> {
  const { emit, stop, classify, config } = request
  const own = await withFanOuts(request, work, schemas)
  await slots.take()
  const started = performance.now()
  const ended = await executeSteps({
    ...own,
    schemas,
    gates,
    slots,
    emit,
    stop,
    statementTimeout: config.timeouts.statement,
    classify,
    approve: request.approveResolved,
  })
  slots.give()
  const failed = work.runs.find(({ step }) => !ended.done.includes(migrationLabel(step.migration)))
  const version = failed?.step.migration.version
  const report = { ...ended, error: adviseTakeover(ended.error, work.target, version, ended.statements > 0) }
  const why = report.error instanceof Error ? (report.error.message.split('\n')[0] ?? '') : 'the run was stopped'
  for (const run of work.runs) gates.break(stepName(run.step), why)
  return { outcome: toOutcome(work.target, work.runs, report, performance.now() - started), error: report.error }
}

/** A dependent's error is a consequence: the cause decides the exit code. */
function mainError(errors: readonly unknown[]): unknown {
  const happened = errors.filter((error) => error !== null)
  return (
    happened.find((error) => !(error instanceof ToolError && error.code === 'DEPENDENCY_FAILED')) ?? happened[0] ?? null
  )
}

async function executePlan(request: RunRequest, plan: Plan, targets: readonly OpenTarget[]): Promise<RunReport> {
  const stepsOf = (target: OpenTarget): readonly Step[] =>
    plan.targets.find((one) => one.target.database === target.database.name)?.steps ?? []
  const work: readonly Work[] = await Promise.all(
    targets.map(async (target) => ({ target, runs: await assignPasses(target, stepsOf(target)) })),
  )
  const gates = new Gates(plan.targets.flatMap((target) => target.steps.flatMap((step) => step.after)))
  const slots = new Slots(request.config.concurrency)
  const schemas: Schemas = new Map(request.config.databases.map((database) => [database.name, database.schema]))
  const ends = await Promise.all(work.map((one) => executeTarget(request, one, gates, slots, schemas)))
  const outcomes = ends.map(({ outcome }) =>
    addBlocked(
      outcome,
      plan.targets.find(({ target }) => target.database === outcome.target.database),
    ),
  )
  return { plan, outcomes, error: mainError(ends.map((end) => end.error)) }
}

/** True when nothing that the plan was made from has changed while the locks were waited for. */
function holdsStill(plan: Plan, targets: readonly OpenTarget[]): boolean {
  return targets.every(({ session, snapshot, migrations }) => {
    const before = plan.targets.find((one) => one.target.database === session.target.database)
    return before?.world === digestWorld(session.target, session.facts, snapshot, migrations)
  })
}

/**
 * Brings the targets where the plan says: plans without a lock, and only if there is something to do takes the locks,
 * settles what earlier runs left open, plans again and executes. Throws ToolError for what stops it before the first
 * statement; what goes wrong later is in the report, beside what was done.
 */
export async function runPlan(request: RunRequest): Promise<RunReport> {
  const first = await request.plan(request.open.targets)
  const unsettled = request.open.targets.some((target) => target.snapshot.passes.some((pass) => pass.open > 0))
  if (!hasWork(first) && !unsettled) {
    await request.approve(first)
    return { plan: first, outcomes: nothingToDo(first), error: null }
  }
  for (const { session } of request.open.targets) session.warmUp()
  await request.approve(first)
  await lockTargets(request, request.open.targets)
  try {
    const targets = await refreshAll(request)
    const plan = holdsStill(first, targets) ? first : await request.plan(targets)
    if (plan !== first) await request.approve(plan)
    if (!hasWork(plan)) return { plan, outcomes: nothingToDo(plan), error: null }
    return await executePlan(request, plan, targets)
  } finally {
    await unlockTargets(request.open.targets)
  }
}
