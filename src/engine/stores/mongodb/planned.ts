import type { StoreChange } from '../../../domain/stores/store.ts'
import type { MongodbAct } from './acts.ts'

/** A change for people together with what carries it out. */
export interface PlannedChange {
  readonly act: MongodbAct
  readonly change: Omit<StoreChange, 'number'>
}
