import type { Holder } from '../core/holder.ts'
import type { Target } from '../core/target.ts'
import type { WorkerLock } from './ports.ts'

/** Who holds the lock of a target, and which workers run under it. */
export interface LockStatus extends Omit<Holder, 'connectionId'> {
  readonly target: Target
  readonly held: boolean
  readonly connectionId: number | null
  /** Workers of fan-outs that are connected: each has its own lock, which can outlive its run. */
  readonly workers: readonly WorkerLock[]
  /** Who changes a VSchema of any keyspace whose journal is beside that of this one; null where nobody does, absent on MySQL. */
  readonly vschemas?: Holder | null
}
