import type { TargetOutcome } from '../../command/result.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import type { Governor } from '../../operate/governor.ts'
import { type Schemas, schemasOf } from '../plan/placeholders.ts'
import { permissionOf, type RunReport, type RunRequest } from '../plan/plan-run.ts'
import { type Plan, type Step, stepName } from '../plan.ts'
import type { Records } from '../record-run.ts'
import type { OpenRecord } from '../record-schema.ts'
import { addBlocked, mainError, toOutcome } from '../run-outcomes.ts'
import type { OpenTarget } from '../targets.ts'
import { executeSteps } from './execute-steps.ts'
import { adviseTaken } from './failures.ts'
import { assignPasses } from './resume.ts'
import type { ExecutionRequest, ExecutionTuning, StepRun } from './work.ts'
import { Gates, Slots } from './work.ts'

/** The steps of one target. */
interface Work {
  readonly target: OpenTarget
  readonly runs: readonly StepRun[]
  readonly record: OpenRecord | null
}

/** Most runs have no step that runs on shards. */
async function prepareSteps(
  { emit, stop, shards, killer = null, online }: RunRequest,
  { target, runs }: Work,
  schemas: Schemas,
  governor: Governor | null,
): Promise<Pick<ExecutionRequest, 'runs' | 'session'>> {
  if (shards === undefined || !runs.some(({ step }) => step.migration.shards !== undefined))
    return { runs, session: target.session }
  return shards.prepare({ schemas, emit, stop, governor, killer, online }, target, runs)
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
  const governor = request.governors?.of(work.target.session.target) ?? null
  const own = await prepareSteps(request, work, schemas, governor)
  await slots.take()
  const started = performance.now()
  const permission = permissionOf(request)
  const statementTimeout = config.timeouts.statement
  const { record } = work
  const hooks = request.hooks ?? null
  const steps = {
    ...own,
    schemas,
    gates,
    slots,
    emit,
    stop,
    statementTimeout,
    permission,
    record,
    hooks,
    governor,
    guard: config.guard,
    killer: request.killer ?? null,
    ...(request.online === undefined ? {} : { online: request.online }),
    ...(request.retirements === undefined ? {} : { retirements: request.retirements }),
  }
  const ended = await executeSteps(steps, tuning)
  slots.give()
  const done = new Set(ended.done)
  const failed = work.runs.find(({ step }) => !done.has(migrationLabel(step.migration)))
  const report = { ...ended, error: await adviseTaken(ended.error, work.target, failed?.step, ended.statements > 0) }
  const why = report.error instanceof Error ? (report.error.message.split('\n')[0] ?? '') : 'the run was stopped'
  for (const run of work.runs) gates.break(stepName(run.step), why)
  const ending = toOutcome(work.target, work.runs, report, performance.now() - started)
  const pauses = governor?.pauses ?? []
  return { outcome: pauses.length === 0 ? ending : { ...ending, pauses }, error: report.error }
}

/** Executes the steps of all targets, several at once: a step that builds on one of another target waits for it. The first error is in the report. */
export async function executePlan(
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
