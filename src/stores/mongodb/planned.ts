import type { StoreChange } from '../../core/store.ts'
import type { MongodbAct } from './acts.ts'

/** A change for people together with what carries it out. */
export interface PlannedChange {
  readonly act: MongodbAct
  readonly change: Omit<StoreChange, 'number'>
}
