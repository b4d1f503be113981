import { port } from '../core/port.ts'
import type { Target } from '../core/target.ts'
import type { FamilyOutcome } from './answers.ts'
import type { FamilyPlan } from './rotation/family-plan.ts'

/** Asks hooks before rotation works on a family, and notifies them afterwards. */
export interface RotationHooks {
  /** Throws where a hook forbids work on the family. */
  readonly before: (target: Target, plan: FamilyPlan) => Promise<void>
  /** Never throws. */
  readonly after: (target: Target, plan: FamilyPlan, outcome: FamilyOutcome) => Promise<void>
}

/** The programs of the configuration around rotation; null where there are none. */
export const rotationHooks = port<RotationHooks | null>('hooks/rotation')
