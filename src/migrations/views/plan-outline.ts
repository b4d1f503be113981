import { countOf } from '../../core/plural.ts'
import type { Hazard } from '../../lint/rule.ts'
import type { PlanReady, PlanView } from '../../terminal/event-views.ts'
import { describeWarning, type Page } from '../../terminal/human/page.ts'
import { type ChangeText, mapTexts } from '../../terminal/redaction.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { Plan, Step, TargetPlan } from '../plan.ts'
import { renderHazard } from './hazard.ts'
import { describeSteps, renderPlan, statementsOf } from './plan.ts'

/** How a plan looks: one line per database with its hazards and notes, or the full plan where it is asked about or is the answer. */
export const planView: PlanView = { render: renderPlan, outline, readableOutline, withoutHazards, merge: mergePlans }

function outline({ plan, stopped }: PlanReady, page: Page): readonly Line[] {
  return plan.targets.flatMap((target) => describeTargetPlan(target, new Set(stopped?.map(placeOf)), page))
}

/** The plan that is shown is a copy: its hazards are recognized by their kind and position. */
function placeOf({ code, file, line }: Hazard): string {
  return `${code} ${file}:${line}`
}

/** What stops the run is left to its error, which explains it, and how it is allowed. */
function describeTargetPlan(plan: TargetPlan, stopped: ReadonlySet<string>, page: Page): readonly Line[] {
  const failing = new Set(plan.failureNotes)
  const notes = plan.notes
    .filter((note) => !failing.has(note))
    .flatMap((note) => describeWarning(plan.target, note, page))
  if (plan.steps.length === 0) return notes
  const size = `${describeSteps(plan.steps)} (${countOf(statementsOf(plan), 'statement')})`
  const hazards = plan.steps.flatMap((step) => step.hazards).filter((hazard) => !stopped.has(placeOf(hazard)))
  return [
    ...wrapLine(['  ', toned('strong', plan.target.database), ` ${size}`], page.columns, 4),
    ...hazards.flatMap((hazard) => renderHazard(hazard, `${hazard.file}:${hazard.line}`, 4, page)),
    ...notes,
  ]
}

/**
 * A plan in which every text that the progress lines of a run show is changed: targets, notes and hazards. Its scripts stay as
 * they are, and must be changed before they are shown: they may be long, and a run that does not stop shows none of them.
 */
function readableOutline(plan: Plan, change: ChangeText): Plan {
  const readable = (step: Step): Step =>
    step.hazards.length === 0 ? step : { ...step, hazards: mapTexts(step.hazards, change) }
  const targets = plan.targets.map(({ target, notes, failureNotes = [], steps, ...rest }) => ({
    ...rest,
    ...mapTexts({ target, notes, failureNotes }, change),
    steps: steps.map(readable),
  }))
  return { ...plan, targets }
}

/** Before a question, its hazards are already shown above. */
function withoutHazards(plan: Plan): Plan {
  const targets = plan.targets.map((target) => ({
    ...target,
    notes: [],
    steps: target.steps.map((step) => ({ ...step, hazards: [] })),
  }))
  return { ...plan, targets }
}

/** A run may make its plan in one piece or target by target. */
function mergePlans(before: Plan | null, plan: Plan): Plan {
  return before === null ? plan : { ...plan, targets: [...before.targets, ...plan.targets] }
}
