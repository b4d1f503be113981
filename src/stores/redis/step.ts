import type { StoreChange } from '../../core/store.ts'
import type { NodeAction } from './ports.ts'

/** A change of the plan with what it does to the nodes. */
export interface Step {
  readonly change: Omit<StoreChange, 'number'>
  readonly actions: readonly NodeAction[]
  /** What must be seen before the step is through. */
  readonly until: 'at-once' | 'acquainted' | 'settled'
}

/** `on 10.0.0.1:7000, 10.0.0.2:7000`; `on all 6 nodes`. */
export function describePlaces(names: readonly string[], total: number): string {
  return names.length === total && total > 1 ? `on all ${total} nodes` : `on ${names.join(', ')}`
}
