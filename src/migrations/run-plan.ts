import type { Config } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import type { TargetOutcome } from '../core/result.ts'
import { ToolError } from '../core/tool-error.ts'
import type { FanOutServices } from '../shards/fan-out/services.ts'
import type { Reverts } from '../sql/recorded-schema.ts'
import { executeSteps } from './execute/execute-steps.ts'
import { adviseTakeover } from './execute/failures.ts'
import { recoverTarget } from './execute/recover.ts'
import { assignPasses } from './execute/resume.ts'
import type { ExecutionReport, ExecutionRequest, ExecutionTuning, StepRun } from './execute/work.ts'
import { Gates, Slots } from './execute/work.ts'
import { lockTargets, prepareJournal, refreshTargets, unlockTargets } from './locking.ts'
import { approvePlan, type Permission } from './plan/approve-plan.ts'
import { stopForeseenFailures } from './plan/foresee-failures.ts'
import { planInputsDigest } from './plan/make-plan.ts'
import { type PlanOptions, planReached } from './plan/make-run-plan.ts'
import { explainBlocked } from './plan/order-steps.ts'
import { type Schemas, schemasOf } from './plan/placeholders.ts'
import type { Step } from './plan.ts'
import { migrationLabel, type Plan, stepName, type TargetPlan } from './plan.ts'
import type { MigrationHooks, StopRequest } from './ports.ts'
import { beginRecords, type Records, refuseDrift, type SchemaRecording, settleRecords } from './record-run.ts'
import type { OpenRecord } from './record-schema.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'

/** What a run is asked to do: values only. */
export interface RunOptions extends PlanOptions {
  /** Hazards that the caller allowed, as `--allow` takes them. */
  readonly allow: readonly string[]
  /** What to do about an object that the plan changes, and that was changed by other means before. Default `fail`. */
  readonly drift?: 'fail' | 'warn' | 'off' | undefined
  /** Where the run takes drift back: what objects are to be, by database. */
  readonly reverts?: Readonly<Record<string, Reverts>>
}

/** Asks a person about the plan, or compares it with the plan of a file; throws to stop the run. Called once for each plan that differs. */
export type Confirm = (plan: Plan) => Promise<void>

/** Everything that a run needs. `confirm` is its one question to the caller; what else happens is decided here. */
export interface RunRequest {
  readonly config: Config
  readonly open: OpenTargets
  readonly options: RunOptions
  readonly emit: Emit
  readonly stop: StopRequest
  /** What migrations that run on shards need; absent where there are none. */
  readonly fanOuts?: FanOutServices
  /** What is needed to record schemas; absent where nothing is recorded. */
  readonly recording?: SchemaRecording
  /** What is asked before each migration and notified after it; absent where nothing is. */
  readonly hooks?: MigrationHooks | null
  readonly confirm: Confirm
}

export interface RunReport {
  readonly plan: Plan
  readonly outcomes: readonly TargetOutcome[]
  /** The first thing that went wrong, for the exit code; null when nothing did. */
  readonly error: unknown
}

const hasWork = (plan: Plan): boolean => plan.targets.some((target) => target.steps.length > 0)

/** Under the locks: settles what earlier runs left, and reads the journals as they really are. */
async function refreshAll({ emit }: RunRequest, open: OpenTargets): Promise<OpenTargets> {
  return refreshTargets(open, async (target) => {
    const fresh = await prepareJournal(await refreshTarget(target), open.references)
    return (await recoverTarget(fresh, emit)) ? refreshTarget(fresh) : fresh
  })
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
  readonly record: OpenRecord | null
}

/** Loaded where it is needed: most runs touch no shards. */
async function withFanOuts(
  { config, emit, stop, fanOuts: services }: RunRequest,
  { target, runs }: Work,
  schemas: Schemas,
): Promise<Pick<ExecutionRequest, 'runs' | 'session'>> {
  if (services === undefined || !runs.some(({ step }) => step.migration.shards !== undefined))
    return { runs, session: target.session }
  const { fanOutSteps } = await import('../shards/fan-out/fan-out-steps.ts')
  return fanOutSteps({ config, services, schemas, emit, stop }, target, runs)
}

async function executeTarget(
  request: RunRequest,
  work: Work,
  gates: Gates,
  slots: Slots,
  schemas: Schemas,
  tuning: ExecutionTuning | undefined,
): Promise<{ readonly outcome: TargetOutcome; readonly error: unknown }> {
  const { emit, stop, config } = request
  const own = await withFanOuts(request, work, schemas)
  await slots.take()
  const started = performance.now()
  const permission = permissionOf(request)
  const statementTimeout = config.timeouts.statement
  const { record } = work
  const hooks = request.hooks ?? null
  const steps = { ...own, schemas, gates, slots, emit, stop, statementTimeout, permission, record, hooks }
  const ended = await executeSteps(steps, tuning)
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

async function executePlan(
  request: RunRequest,
  plan: Plan,
  targets: readonly OpenTarget[],
  records: Records,
  tuning?: ExecutionTuning,
): Promise<RunReport> {
  const stepsOf = (target: OpenTarget): readonly Step[] =>
    plan.targets.find((one) => one.target.database === target.database.name)?.steps ?? []
  const work: readonly Work[] = await Promise.all(
    targets.map(async (target) => {
      const runs = await assignPasses(target, stepsOf(target))
      return { target, runs, record: records.get(target.database.name) ?? null }
    }),
  )
  const gates = new Gates(plan.targets.flatMap((target) => target.steps.flatMap((step) => step.after)))
  const slots = new Slots(request.config.concurrency)
  const schemas = schemasOf(request.config)
  const ends = await Promise.all(work.map((one) => executeTarget(request, one, gates, slots, schemas, tuning)))
  const outcomes = ends.map(({ outcome }) =>
    addBlocked(
      outcome,
      plan.targets.find(({ target }) => target.database === outcome.target.database),
    ),
  )
  return { plan, outcomes, error: mainError(ends.map((end) => end.error)) }
}

/** True when nothing that the plan was made from has changed while the locks were waited for. */
function isStillValid(plan: Plan, targets: readonly OpenTarget[]): boolean {
  if (plan.targets.length !== targets.length) return false
  return targets.every(({ session, snapshot, migrations }) => {
    const before = plan.targets.find((one) => one.target.database === session.target.database)
    return before?.inputsDigest === planInputsDigest(session.target, session.facts, snapshot, migrations)
  })
}

const permissionOf = ({ options, config }: RunRequest): Permission => ({
  allow: options.allow,
  protected: config.protected,
})

/** Makes the plans of one run. Which migrations a number of steps means is decided once: under the lock, an earlier run may prove to have finished one of them. */
class Planner {
  readonly #request: RunRequest
  #only: ReadonlySet<string> | undefined

  constructor(request: RunRequest) {
    this.#request = request
    this.#only = request.options.only
  }

  /** Returns the databases that the plan is of: one whose server was lost meanwhile is left out. */
  async plan(open: OpenTargets): Promise<{ readonly plan: Plan; readonly databases: OpenTargets }> {
    const { config, options, fanOuts } = this.#request
    const only = this.#only === undefined ? {} : { only: this.#only }
    const made = await planReached(config, open, { ...options, ...only }, fanOuts)
    if (options.steps !== null)
      this.#only ??= new Set(made.plan.targets.flatMap((target) => target.steps.map(stepName)))
    return made
  }
}

/** Shows a plan and stops the run where something in it fails, is not allowed or not confirmed. */
async function approve(request: RunRequest, plan: Plan): Promise<void> {
  request.emit({ type: 'plan-ready', plan })
  stopForeseenFailures(plan)
  approvePlan(plan, permissionOf(request))
  await request.confirm(plan)
}

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
  await approve(request, first)
  try {
    const fresh = await refreshAll(request, await lockTargets(request, databases))
    const again = isStillValid(first, fresh.targets) ? { plan: first, databases: fresh } : await planner.plan(fresh)
    const { plan } = again
    if (plan !== first) await approve(request, plan)
    const { targets: open } = again.databases
    if (!hasWork(plan)) {
      await settleRecords(request, open)
      return { plan, outcomes: nothingToDo(plan), error: null }
    }
    const records = await beginRecords(request, plan, open)
    await refuseDrift(request, plan, records, open)
    return await executePlan(request, plan, open, records, tuning)
  } finally {
    await unlockTargets(targets)
  }
}
