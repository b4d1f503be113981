import type { Plan, Step } from '../../migrations/plan.ts'
import { type ChangeText, mapTexts } from '../redaction.ts'

/**
 * A plan with every text changed that the talk of a run shows of it: targets, notes and hazards. Its scripts stay as they
 * are, and must be changed before they are shown: they may be long, and a run that does not stop shows none of them.
 */
export function readableOutline(plan: Plan, change: ChangeText): Plan {
  const readable = (step: Step): Step =>
    step.hazards.length === 0 ? step : { ...step, hazards: mapTexts(step.hazards, change) }
  const targets = plan.targets.map(({ target, notes, steps, ...rest }) => ({
    ...rest,
    ...mapTexts({ target, notes }, change),
    steps: steps.map(readable),
  }))
  return { ...plan, targets }
}
