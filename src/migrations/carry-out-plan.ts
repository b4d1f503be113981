import type { Emit } from '../core/event.ts'
import type { TargetOutcome } from '../core/result.ts'
import { executeSteps } from './execute/execute-steps.ts'
import { adviseTakeover } from './execute/failures.ts'
import { recoverTarget } from './execute/recover.ts'
import { assignPasses } from './execute/resume.ts'
import type { ExecutionRequest, ExecutionTuning, StepRun } from './execute/work.ts'
import { Gates, Slots } from './execute/work.ts'
import { describeMovedNames } from './journal/moved-names.ts'
import { lockTargets, prepareJournal, refreshTargets, unlockTargets } from './locking.ts'
import { isStillValid } from './plan/make-plan.ts'
import { type Schemas, schemasOf } from './plan/placeholders.ts'
import {
  approve,
  type PlannedRun,
  type Planner,
  permissionOf,
  type RunReport,
  type RunRequest,
} from './plan/plan-run.ts'
import { foreseesFailure, hasWork, migrationLabel, type Plan, type Step, stepName } from './plan.ts'
import { beginRecords, type Records, refuseDrift, settleRecords } from './record-run.ts'
import type { OpenRecord } from './record-schema.ts'
import { addBlocked, mainError, nothingToDo, toOutcome } from './run-outcomes.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'

/** Under the locks: settles what earlier runs left, and reads the journals as they really are. */
async function refreshAll({ emit }: RunRequest, open: OpenTargets): Promise<OpenTargets> {
  return refreshTargets(open, async (target) => {
    const locked = await refreshTarget(target)
    warnOfMovedNames(locked, emit)
    const fresh = await prepareJournal(locked, open.references)
    return (await recoverTarget(fresh, emit)) ? refreshTarget(fresh) : fresh
  })
}

/** Once: the setting is recorded behind it. */
function warnOfMovedNames(target: OpenTarget, emit: Emit): void {
  const moved = describeMovedNames(target)
  if (moved !== null) emit({ type: 'warning', message: `${moved.what} ${moved.why}`, target: target.session.target })
}

interface Work {
  readonly target: OpenTarget
  readonly runs: readonly StepRun[]
  readonly record: OpenRecord | null
}

/** Most runs have no step that runs on shards. */
async function prepareSteps(
  { emit, stop, shards }: RunRequest,
  { target, runs }: Work,
  schemas: Schemas,
): Promise<Pick<ExecutionRequest, 'runs' | 'session'>> {
  if (shards === undefined || !runs.some(({ step }) => step.migration.shards !== undefined))
    return { runs, session: target.session }
  return shards.prepare({ schemas, emit, stop }, target, runs)
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
  const own = await prepareSteps(request, work, schemas)
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

/**
 * A plan without a lock is made from what another run may be changing: the trial sees a column that the journal, read before, calls pending. What is
 * foreseen to fail is therefore looked at again under the locks, and reported only where it is foreseen there, too.
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
 * Carries out what a plan says: takes the locks, settles what earlier runs left open, plans again where that changed something, and executes.
 * Without a plan, the first one is made then.
 * Throws ToolError for an error before the first statement; a later error is in the report.
 */
export async function carryOut(
  request: RunRequest,
  planner: Planner,
  { plan: unlocked, databases }: Omit<PlannedRun, 'plan'> & { readonly plan: Plan | null },
  tuning?: ExecutionTuning,
): Promise<RunReport> {
  try {
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
    const records = await beginRecords(request, plan, open)
    await refuseDrift(request, plan, records, open)
    return await executePlan(request, plan, open, records, tuning)
  } finally {
    await unlockTargets(databases.targets)
  }
}
