import type { StoreChange } from '../../../domain/stores/store.ts'
import type { NodeAction } from './ports.ts'

/** A change of the plan with what it does to the nodes. */
export interface Step {
  readonly change: Omit<StoreChange, 'number'>
  readonly actions: readonly NodeAction[]
  /** What must be seen before the step is through. */
  readonly until: 'at-once' | 'acquainted' | 'settled'
}
