import type { RotationHooks } from '../rotation-hooks.ts'
import type { FamilyPlan } from './family-plan.ts'
import type { FamilyRun, FamilyWork, TargetRun } from './target-run.ts'

/** The hooks of one rotation: they are not asked about families without work. */
export class FamilyHooks {
  readonly #hooks: RotationHooks | null
  readonly #allowed = new Map<FamilyRun, FamilyPlan>()

  constructor(hooks: RotationHooks | null | undefined) {
    this.#hooks = hooks ?? null
  }

  /** Throws where a hook forbids work on the family. */
  async ask(target: TargetRun, { plan, run }: FamilyWork, lags: boolean): Promise<void> {
    if (this.#hooks === null || plan === null) return
    if (plan.make.length + plan.adopt.length + plan.steps.length === 0 && !lags) return
    await this.#hooks.before(target.store.target, plan)
    this.#allowed.set(run, plan)
  }

  async report(): Promise<void> {
    for (const [run, plan] of this.#allowed) await this.#hooks?.after(run.target, plan, run.outcome())
  }
}
