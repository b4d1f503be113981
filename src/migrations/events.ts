import type { Holder } from '../core/holder.ts'
import type { Target } from '../core/target.ts'
import type { Hazard } from '../lint/rule.ts'
import type { BatchView } from '../operate/batches/batch-view.ts'
import type { Plan } from './plan.ts'
import type { PlanDocument } from './plan-document.ts'

interface AtTarget {
  readonly target: Target
}

export interface AtStep extends AtTarget {
  readonly version: string
  readonly name: string
  readonly direction: 'up' | 'down'
}

interface AtStatement extends AtStep {
  /** From 0. */
  readonly statement: number
  readonly total: number
  /** Verb and objects, e.g. "ALTER TABLE users". */
  readonly summary: string
}

/** Events of a run of migrations. */
type MigrationEvent =
  | (AtTarget & { readonly type: 'lock-waiting'; readonly holder: Holder | null; readonly milliseconds: number })
  | (AtTarget & { readonly type: 'lock-acquired'; readonly milliseconds: number })
  /** `stopped` are the hazards that stop the run; its error names each. */
  | { readonly type: 'plan-ready'; readonly plan: Plan; readonly stopped?: readonly Hazard[] }
  /** An open journal row of an earlier run was settled. */
  | (AtStatement & {
      readonly type: 'statement-settled'
      readonly ran: boolean
      /** What repeats it does not need to know. Absent where it is known. */
      readonly mayHaveRun?: true
      readonly why: string
    })
  | (AtStep & { readonly type: 'step-started'; readonly from: number; readonly total: number })
  /** The step waits for steps of other targets. */
  | (AtStep & { readonly type: 'step-waiting'; readonly after: readonly string[] })
  | (AtStatement & { readonly type: 'statement-started' })
  /** The server makes the statement wait for others. */
  | (AtStatement & { readonly type: 'statement-blocked'; readonly by: readonly Holder[]; readonly attempt: number })
  /** How far the server is with it, about once a second where the server reports it: for ALTERs and index builds. */
  | (AtStatement & {
      readonly type: 'statement-progress'
      /** What it is doing now, in the server's words. */
      readonly stage: string
      readonly percent: number
      /** Milliseconds left at the current pace; null before that is known. */
      readonly left: number | null
      /** The progress of a statement that runs in batches. */
      readonly batch?: BatchView
    })
  | (AtStatement & {
      readonly type: 'statement-finished'
      readonly milliseconds: number
      readonly rows: number | null
      readonly warnings: readonly string[]
    })
  /** Its rows are closed on the server. Follows the start of later steps where their rows are closed together. */
  | (AtStep & { readonly type: 'step-finished'; readonly statements: number; readonly milliseconds: number })

declare module '../command/event.ts' {
  interface RunEvents {
    readonly migrations: MigrationEvent
  }

  interface PrintedParts {
    readonly plan: PlanDocument
  }
}
