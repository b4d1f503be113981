import type { Target } from '../core/target.ts'
import type { BlockingSession } from './kill-blockers.ts'
import type { Reading } from './reading.ts'
import type { Stall } from './stall.ts'

/** Events of the governor. */
type GovernorEvent =
  /** Work of the target pauses; reported again where the reason changes. */
  | {
      readonly type: 'throttle-paused'
      readonly target: Target
      readonly because: readonly Reading[]
      /** Milliseconds since the pause began. */
      readonly milliseconds: number
    }
  /** The pause is over: work continues, a person stopped the run, or the pause exceeded its limit. */
  | {
      readonly type: 'throttle-ended'
      readonly target: Target
      readonly how: 'went-on' | 'stopped' | 'gave-up'
      /** The first reading that caused it. */
      readonly because: Reading
      readonly milliseconds: number
    }

/** What the guard says. */
type GuardEvent =
  /** A definition of existing tables has ended: how long others waited for one of them, at most. */
  | { readonly type: 'others-waited'; readonly target: Target; readonly stall: Stall }
  /** A session that held its tables was killed, as `--kill-blockers` allows; not gone where the server still had it at the end of the wait. */
  | {
      readonly type: 'blocker-killed'
      readonly target: Target
      readonly session: BlockingSession
      readonly isGone: boolean
    }
  /** A session that holds its tables is not killed, and why. */
  | {
      readonly type: 'blocker-spared'
      readonly target: Target
      readonly session: BlockingSession
      readonly why: string
    }

/** What online changes say. */
type OnlineEvent =
  /** A statement with `-- wwdb:online` is made; `notes` are sentences. */
  {
    readonly type: 'online-changed'
    readonly target: Target
    readonly table: string
    /** `back`: the table as it was before has its name again. */
    readonly how: 'instant' | 'in place' | 'by a copy' | 'back'
    readonly notes: readonly string[]
  }

/** What retirement says. */
type RetireEvent =
  /** What a statement with `-- wwdb:retire` drops is hidden, held or watched, or is back; `notes` are sentences. */
  {
    readonly type: 'object-retired'
    readonly target: Target
    /** `users.nick` */
    readonly name: string
    readonly how: 'hidden' | 'held' | 'watched' | 'back'
    readonly notes: readonly string[]
  }

/** What an undo says. */
type UndoEvent =
  /** `wwdb undo` has ended with the rows of one batch, or was ended within it. */
  {
    readonly type: 'batch-undone'
    readonly target: Target
    /** Its version, and the position of the statement from 1. */
    readonly migration: string
    readonly statement: number
    readonly table: string
    /** `removed`: rows that an INSERT had added. */
    readonly how: 'put back' | 'removed'
    /** Rows that this run put back or removed. */
    readonly rows: number
    /** Rows that stay as they are, as others changed them since or the server refuses them; null where the run was ended before they were counted. */
    readonly left: number | null
  }

declare module '../command/event.ts' {
  interface RunEvents {
    readonly operate: GovernorEvent | GuardEvent | OnlineEvent | RetireEvent | UndoEvent
  }
}
