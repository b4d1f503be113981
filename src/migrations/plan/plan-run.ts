import { hasWork, type Plan, stepName } from '../plan.ts'
import type { RunRequest } from '../run-request.ts'
import type { OpenTargets } from '../targets.ts'
import type { Permission } from './approve-plan.ts'
import { planReached } from './make-run-plan.ts'

export const permissionOf = ({ options, config }: RunRequest): Permission => ({
  allow: options.allow,
  protected: config.protected,
})

/** A plan with the databases that it is of. */
export interface PlannedRun {
  readonly plan: Plan
  readonly databases: OpenTargets
}

/** Makes the plans of one run. Which migrations a number of steps means is decided once: under the lock, an earlier run may prove to have finished one of them. */
export class Planner {
  readonly #request: RunRequest
  #only: ReadonlySet<string> | undefined

  constructor(request: RunRequest) {
    this.#request = request
    this.#only = request.options.only
  }

  /** Returns the databases that the plan is of: one whose server was lost meanwhile is left out. */
  async plan(open: OpenTargets): Promise<PlannedRun> {
    const { config, options, fanOuts } = this.#request
    const only = this.#only === undefined ? {} : { only: this.#only }
    const made = await planReached(config, open, { ...options, ...only }, fanOuts)
    if (options.steps !== null)
      this.#only ??= new Set(made.plan.targets.flatMap((target) => target.steps.map(stepName)))
    return made
  }
}

/** Shows a plan and stops the run where something in it fails, is not allowed or not confirmed. */
export async function approve(request: RunRequest, plan: Plan): Promise<void> {
  request.emit({ type: 'plan-ready', plan })
  // Judging hazards is a large part of the tool, and most runs have nothing to do. The names behind `--allow` are checked all the same.
  if (hasWork(plan) || request.options.allow.length > 0) {
    const { approvePlan, stopForeseenFailures } = await import('./approve-plan.ts')
    stopForeseenFailures(plan)
    approvePlan(plan, permissionOf(request))
  }
  await request.confirm(plan)
}
