import { nextLines } from '../../terminal/human/page.ts'
import { type Annotation, annotateFault, type View } from '../../terminal/view.ts'
import type { LiveTrial } from '../plan/live-trial.ts'
import type { Plan } from '../plan.ts'
import { annotateHazard } from '../views/hazard.ts'
import { renderLiveTrial } from '../views/live-trial.ts'
import { renderPlan } from '../views/plan.ts'

/** The answer of `plan`, and of a run that only shows what it would do. */
export interface PlanResult {
  readonly kind: 'plan'
  readonly plan: Plan
  readonly file: string | null
  /** What live statements do before and after it, a database each; present with `--live`. */
  readonly live?: readonly LiveTrial[]
}

/** A plan for people: what each database has pending, and what can be done with the plan. */
export const planView: View<PlanResult> = {
  *render({ plan, file, live = [] }, page) {
    yield* renderPlan(plan, page)
    for (const trial of live) yield* renderLiveTrial(trial, page)
    yield* nextLines([...adviseAfterPlan(file), ...adviseToTry(live)], page)
  },
  annotations: ({ plan }) => annotatePlan(plan),
}

function adviseAfterPlan(file: string | null): readonly string[] {
  return file === null
    ? []
    : [`\`wwdb migrate --plan ${file}\` runs exactly this plan, or refuses if its inputs have changed.`]
}

function adviseToTry(live: readonly LiveTrial[]): readonly string[] {
  if (!live.some(({ tried, unproven }) => tried === 0 && unproven.length > 0)) return []
  return [
    'Plan with the URL of a server to which applications send statements, or name one in `throttle.replicas`: those of the last seven days that name what is changed are tried.',
  ]
}

/** No hazard stops a rollback. */
function annotatePlan({ targets, direction }: Plan): readonly Annotation[] {
  const annotations = targets.flatMap(({ steps }) => steps.flatMap(({ hazards }) => hazards.map(annotateHazard)))
  const faults = targets.flatMap(({ failures = [] }) =>
    failures.map((fault) => annotateFault(fault, 'STATEMENT_WOULD_FAIL')),
  )
  return [
    ...faults,
    ...annotations.map((one) =>
      direction === 'down' && one.level === 'error' ? { ...one, level: 'warning' as const } : one,
    ),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly plan: PlanResult
  }
}
