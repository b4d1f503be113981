import type { Holder } from '../core/event.ts'
import type { Target } from '../core/target.ts'

/** Who has the lock of a target, and who works under it. */
export interface LockStatus {
  readonly target: Target
  readonly held: boolean
  readonly connectionId: number | null
  readonly user: string | null
  readonly host: string | null
  readonly seconds: number | null
  readonly state: string | null
  readonly statement: string | null
  readonly orphaned: boolean
  /** Workers of fan-outs that are connected: each has a lock of its own, which outlives the run that it was part of. */
  readonly workers: readonly WorkerLock[]
}

/** The lock of one worker of a fan-out, from 0. */
export interface WorkerLock extends Holder {
  readonly worker: number
}
