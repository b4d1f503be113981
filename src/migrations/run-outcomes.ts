import type { TargetOutcome } from '../command/result.ts'
import { migrationLabel } from '../core/migration-label.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ExecutionReport, StepRun } from './execute/work.ts'
import { explainBlocked } from './plan/order-steps.ts'
import type { Plan, TargetPlan } from './plan.ts'
import type { OpenTarget } from './targets.ts'

/** For a plan that has nothing to do. */
export function nothingToDo(plan: Plan): readonly TargetOutcome[] {
  const idle = { done: [], notDone: [], statements: 0, milliseconds: 0, fault: null, code: null }
  return plan.targets.map((target) => addBlocked({ target: target.target, state: 'nothing-to-do', ...idle }, target))
}

/** The outcome with the migrations that were left out because a server was not reached. */
export function addBlocked(outcome: TargetOutcome, plan: TargetPlan | undefined): TargetOutcome {
  const blocked = plan?.blocked ?? []
  const fault = explainBlocked(outcome.target.database, blocked)
  if (fault === null) return outcome
  const notDone = [...outcome.notDone, ...blocked.map(migrationLabel)]
  const wentWell = outcome.state === 'done' || outcome.state === 'nothing-to-do'
  return wentWell ? { ...outcome, state: 'blocked', notDone, fault, code: 'BLOCKED' } : { ...outcome, notDone }
}

const labelOf = (run: StepRun): string => migrationLabel(run.step.migration)

/** The outcome of the steps of one database. */
export function toOutcome(
  target: OpenTarget,
  runs: readonly StepRun[],
  report: ExecutionReport,
  milliseconds: number,
): TargetOutcome {
  const done = new Set(report.done)
  const error = report.error instanceof ToolError ? report.error : null
  const stopped = report.stopped || error?.code === 'STOPPED'
  const fault = error?.faults[0] ?? (report.error === null ? null : { what: String(report.error) })
  return {
    target: target.session.target,
    state: stopped ? 'stopped' : stateOf(runs, report),
    done: report.done,
    notDone: runs.map(labelOf).filter((label) => !done.has(label)),
    statements: report.statements,
    milliseconds,
    fault,
    code: error?.code ?? null,
  }
}

/** Of steps that were not stopped. */
function stateOf(runs: readonly StepRun[], { error, done }: ExecutionReport): TargetOutcome['state'] {
  if (error === null) return runs.length === 0 ? 'nothing-to-do' : 'done'
  const isDependent = error instanceof ToolError && error.code === 'DEPENDENCY_FAILED'
  return isDependent && done.length === 0 ? 'not-started' : 'failed'
}

/** A dependent's error is a consequence: the cause decides the exit code. */
export function mainError(errors: readonly unknown[]): unknown {
  const happened = errors.filter((error) => error !== null)
  return (
    happened.find((error) => !(error instanceof ToolError && error.code === 'DEPENDENCY_FAILED')) ?? happened[0] ?? null
  )
}
