import type { ErrorCode } from '../../core/error-codes.ts'
import { ToolError } from '../../core/tool-error.ts'
import { dependentsOf } from '../family-view.ts'
import type { ShardStep } from './family-plan.ts'
import { countInUse } from './plan-retention.ts'
import { refuseStep } from './refuse-step.ts'
import type { RotationWork } from './request.ts'
import { awaitGovernor, takeStep } from './take-step.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/** A family that fails this often in one run is left for the next: each failure may have cost a lock timeout. */
const mostFailures = 3

/** Restores what is needed again. Before anything is retired, and regardless of the clocks. */
export function restoreShards(request: RotationWork, target: TargetRun, work: FamilyWork): Promise<void> {
  const steps = work.plan?.steps ?? []
  return takeSteps(
    request,
    target,
    work,
    steps.filter(({ step }) => step === 'restore'),
  )
}

/** Takes the family's retirement steps. One blocked shard does not stop the others. */
export async function retireShards(request: RotationWork, target: TargetRun, work: FamilyWork): Promise<void> {
  const steps = (work.plan?.steps ?? []).filter(({ step }) => step !== 'restore')
  if (steps.length === 0) return
  await target.look()
  await takeSteps(request, target, work, (await isApproved(request, work)) ? steps : steps.filter(isReadOnlyStep))
}

const isReadOnlyStep = ({ step }: ShardStep): boolean => step === 'seal' || step === 'archive'

/** False where the number of holds requires a confirmation that was not given. */
async function isApproved(request: RotationWork, { plan, family, run }: FamilyWork): Promise<boolean> {
  if (plan === null || plan.question === null) return true
  const { holds, live } = plan.question
  const part = `${Math.round(family.policy.share * 100)}%`
  try {
    await request.confirm(
      `This run would put ${holds} of the ${live} live shards of \`${family.name}\` on hold: more than its limit of ${part}.`,
    )
    return true
  } catch (error) {
    run.fail(error)
    return false
  }
}

async function takeSteps(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  steps: readonly ShardStep[],
): Promise<void> {
  const before = work.run.failures
  for (const step of steps) {
    if (request.stop.requested) {
      work.run.stopped = true
      return
    }
    if (target.unsettled.has(step.record.table)) continue
    try {
      await awaitGovernor({ request, target, work })
      await takeOne(request, target, work, step)
    } catch (error) {
      work.run.fail(error)
      if (!isOfOneShard(error) || work.run.failures - before >= mostFailures) return
    }
  }
}

/** Any other error is likely to affect the next shard, too. */
const ofOneShard: ReadonlySet<ErrorCode> = new Set([
  'SHARD_BLOCKED',
  'SHARD_CHANGED',
  'ARCHIVE_BROKEN',
  'ARCHIVE_MISSING',
])

const isOfOneShard = (error: unknown): boolean => error instanceof ToolError && ofOneShard.has(error.code)

async function takeOne(request: RotationWork, target: TargetRun, work: FamilyWork, planned: ShardStep): Promise<void> {
  const { run, view, family } = work
  const { table, key } = planned.record
  // Checked again now, with the current registry: steps of other families may have changed what the plan was based on.
  const current = view.records.get(key) ?? planned.record
  const refusal = refuseStep(
    view,
    { ...planned, record: current },
    {
      dependents: dependentsOf(
        view,
        target.families.map((one) => one.view),
      ),
      left: countInUse(view) - 1,
      now: target.clocks.now,
    },
  )
  if (refusal !== null || current.state !== planned.record.state) {
    run.note(`Skipped: \`${table}\`: ${refusal ?? 'it changed while the rotation ran'}.`)
    return
  }
  const at = { target: target.store.target, family: family.name, table, step: planned.step }
  const started = performance.now()
  request.emit({ type: 'rotation-step-started', ...at, why: planned.why })
  const end = await takeStep({ request, target, work }, planned)
  if (end.type === 'put-off') {
    run.note(`\`${table}\` is deferred: ${end.why}.`)
    return
  }
  run.did(planned.step, table)
  request.emit({ type: 'rotation-step-finished', ...at, rows: end.rows, milliseconds: performance.now() - started })
}
