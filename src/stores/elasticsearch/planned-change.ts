import type { StoreChange } from '../../core/store.ts'
import type { Deed } from './ports.ts'

/** A change that has no place in a plan yet, with what a driver does for it. */
export interface PlannedChange extends Omit<StoreChange, 'number'> {
  readonly deed: Deed
  /** Indices that its loss concerns. */
  readonly concerned: readonly string[]
}

/** What to fill in of a change that loses nothing. */
export const noLoss = { loss: null, concerned: [] } as const
