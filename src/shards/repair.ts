import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'

/** How a repair ended for the shards of a family that were not like their template. */
export interface FamilyRepair {
  readonly family: string
  readonly target: Target
  readonly repaired: readonly string[]
  readonly failed: readonly { readonly table: string; readonly fault: Fault }[]
  /** Not begun: others failed before, or the run was stopped. */
  readonly left: number
}

/** Rows that are lost, and that a person knows of. */
export interface AcknowledgedLoss {
  readonly family: string
  readonly target: Target
  readonly key: string
  readonly table: string
  /** When they were last counted; null where they never were. */
  readonly rows: number | null
}
