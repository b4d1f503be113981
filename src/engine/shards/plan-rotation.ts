import type { FamilyPlan } from '../../domain/shards/plan.ts'
import type { FamilyView } from './family-view.ts'
import type { ClockJudgement } from './judge-clocks.ts'
import { planFamily, settleFamily } from './plan-family.ts'

/**
 * Plans the families of one target. Pure: what is there, what the policy says and what time it is decide alone.
 * @param views every family of the target, parents before children
 */
export function planRotation(
  views: readonly FamilyView[],
  clocks: ClockJudgement,
  ahead: number,
): readonly FamilyPlan[] {
  const settled = views.map((view) => settleFamily(view, clocks.now))
  return settled.map((one) => {
    const dependents = dependentsOf(
      one.view,
      settled.map(({ view }) => view),
    )
    return planFamily(one, dependents, clocks, ahead)
  })
}

/** Families of the target whose tables refer to this one's. */
export function dependentsOf({ family }: FamilyView, views: readonly FamilyView[]): readonly FamilyView[] {
  return views.filter((view) => view.family.template.siblings.includes(family.name))
}
