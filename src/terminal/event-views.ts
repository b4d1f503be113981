import type { PrintedParts, RunEvent } from '../command/event.ts'
import type { Page } from './human/page.ts'
import type { ChangeText } from './redaction.ts'
import type { Line } from './text/span.ts'

/** The event that shows the plan of a run. */
export type PlanReady = Extract<RunEvent, { readonly type: 'plan-ready' }>

/** The plan of a run, as its event contains it. */
export type ShownPlan = PlanReady['plan']

/** How a plan is shown to people. The capability that makes plans provides it. */
export interface PlanView {
  /** The whole plan. */
  readonly render: (plan: ShownPlan, page: Page) => Iterable<Line>
  /** What remains on the screen of a run. */
  readonly outline: (event: PlanReady, page: Page) => readonly Line[]
  /** The plan with every text changed that its outline shows; its scripts may be long, and are not changed. */
  readonly readableOutline: (plan: ShownPlan, change: ChangeText) => ShownPlan
  readonly withoutHazards: (plan: ShownPlan) => ShownPlan
  /** A run may make its plan in one piece or target by target. */
  readonly merge: (before: ShownPlan | null, plan: ShownPlan) => ShownPlan
}

/** The views of events that their own capability provides. */
export interface EventViews {
  readonly plan: PlanView
  /** What an event leaves on the screen permanently, by its type. */
  readonly lines: {
    readonly [Type in RunEvent['type']]?: (
      event: Extract<RunEvent, { readonly type: Type }>,
      page: Page,
    ) => readonly Line[]
  }
}

/** The printed data of a plan. */
export type ToPlanDocument = (plan: ShownPlan) => PrintedParts['plan']
