import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { AtStep } from '../migrations/events.ts'
import type { ShardStepKind } from './rotation/family-plan.ts'

interface AtTarget {
  readonly target: Target
}

interface AtShard extends AtStep {
  readonly family: string
  /** The shard's key. */
  readonly shard: string
  readonly table: string
}

interface AtRotatedShard extends AtTarget {
  readonly family: string
  readonly table: string
  readonly step: 'create' | ShardStepKind
}

/** Events of a migration that is carried to shards. */
type FanOutEvent =
  /**
   * A migration is carried to the shards of a family; `version` and `name` below are the migration's. `done` shards were complete
   * before.
   */
  | (AtStep & {
      readonly type: 'fan-out-started'
      readonly family: string
      readonly done: number
      readonly total: number
      /** The table that is changed before all others; null where an earlier run had a canary. */
      readonly canary: string | null
    })
  | (AtShard & { readonly type: 'shard-started' })
  | (AtShard & {
      readonly type: 'shard-finished'
      readonly statements: number
      readonly milliseconds: number
      /** How many shards are complete by now, out of how many. */
      readonly done: number
      readonly total: number
      /** Milliseconds left for the others at the current pace; absent before that is known. */
      readonly left?: number
    })
  /** The others continue as far as the error budget allows. */
  | (AtShard & { readonly type: 'shard-failed'; readonly code: ErrorCode; readonly fault: Fault })

/** Events of a rotation. */
type RotationEvent =
  /** Rotation creates `total` tables of a target in parallel. */
  | (AtTarget & { readonly type: 'rotation-making-started'; readonly total: number })
  | (AtRotatedShard & { readonly type: 'rotation-step-started'; readonly why: string })
  /** Rows in the archive, out of the sealed ones; `left` as above. */
  | (AtRotatedShard & {
      readonly type: 'rotation-step-progress'
      readonly done: number
      readonly total: number
      readonly left: number | null
    })
  /** `milliseconds` is null for tables that are created in parallel. */
  | (AtRotatedShard & {
      readonly type: 'rotation-step-finished'
      readonly rows: number | null
      readonly milliseconds: number | null
    })

/** Events of the split of a table. */
type SplitEvent = AtTarget & {
  readonly type: 'split-progress'
  readonly table: string
  readonly stage: 'copy' | 'compare' | 'carry back' | 'empty'
  /** Rows, and an estimate of all of them. */
  readonly done: number
  readonly total: number
  readonly milliseconds: number
}

/** Events of the move of a family to a keyspace. */
type MoveEvent = AtTarget & {
  readonly type: 'move-progress'
  readonly family: string
  readonly stage: 'copy' | 'vdiff' | 'compare' | 'carry back'
  /** Of the copy, rows and an estimate of all of them; of the others, shards. */
  readonly done: number
  readonly total: number
  readonly milliseconds: number
}

declare module '../command/event.ts' {
  interface RunEvents {
    readonly shards: FanOutEvent | RotationEvent | SplitEvent | MoveEvent
  }
}
