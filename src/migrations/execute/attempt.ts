import type { Holder } from '../../core/holder.ts'
import { killUntil } from '../../core/kill-until.ts'
import type { StatementProgress } from '../../core/progress.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import type { RunFailure, Session } from '../ports.ts'
import type { StatementReports } from './running-statements.ts'

const usualAttempts = 6
const watchEvery = 1000
/** The shortest lock wait that MySQL knows is a second: who blocks is to be seen before it ends. */
const firstLook = 500

/**
 * The server's error, or that the guard did not send the statement because others hold its tables. `copy` is the table that an online change has filled by then,
 * and that waits to take the table's place.
 */
export type StatementFailure = RunFailure | { readonly type: 'held'; readonly why: string; readonly copy?: string }

export type AttemptResult =
  | { readonly type: 'done'; readonly outcome: StatementOutcome; readonly milliseconds: number }
  | FailedAttempt

export interface FailedAttempt {
  readonly type: 'failed'
  readonly failure: StatementFailure
  readonly blockers: readonly Holder[]
  readonly attempts: number
  readonly timedOut: boolean
  readonly cause: unknown
  /** True where it had the budget of the guard. */
  readonly guarded?: boolean
}

/** How a definition is sent that the guard looks after: briefly, again and again, until its budget is used up. */
export interface GuardedAttempts {
  /** Milliseconds that an attempt, counted from 1, may wait in the lock queue. */
  readonly lockWait: (attempt: number) => number
  /**
   * Waits outside the queue after an attempt; false where it is not to be sent again.
   * @param blocked takes those who hold its tables then
   */
  readonly again: (blocked: (by: readonly Holder[]) => void) => Promise<boolean>
}

export interface AttemptRequest extends StatementReports {
  readonly session: Session
  readonly stop: StopRequest
  /** Milliseconds, or null without limit. */
  readonly statementTimeout: number | null
  /** Null for a statement that the guard does not look after. */
  readonly guarded?: GuardedAttempts | null
  /** @param lockWait milliseconds that it may wait for the locks of tables; null for what the session has */
  readonly work: (lockWait: number | null) => Promise<StatementOutcome>
  /** How often it is sent where it gave up waiting for a lock; six times unless given. */
  readonly attempts?: number
}

interface Watch {
  readonly timedOut: () => boolean
  /** Returns when no KILL is in progress: a late one would end the connection's next statement. */
  readonly end: () => Promise<void>
}

/** Beside a running statement: names who blocks it, says how far it is, ends it at its time limit or at the second Ctrl-C. */
function watch(request: AttemptRequest, attempt: number, running: Promise<unknown>): Watch {
  let timedOut = false
  let killing: Promise<void> | null = null
  let asking = false
  const { session } = request
  const started = performance.now()
  const look = async (progress: boolean): Promise<void> => {
    if (asking) return
    asking = true
    const found = await session.findBlockers().catch(() => [])
    if (found.length > 0) request.blocked(found, attempt)
    else if (progress && request.progressed !== undefined) {
      const read = await session.readProgress().catch(() => ({ type: 'unknown' }) as const)
      request.progressed(read, performance.now() - started)
    }
    asking = false
  }
  const cancel = (): void => {
    killing ??= killUntil(running, session.cancel)
  }
  const first = setTimeout(() => void look(false), firstLook)
  const looking = setInterval(() => void look(true), watchEvery)
  const limit = request.statementTimeout
  const timer =
    limit === null
      ? undefined
      : setTimeout(() => {
          timedOut = true
          cancel()
        }, limit)
  const unsubscribe = request.stop.onKill(cancel)
  return {
    timedOut: () => timedOut,
    end: async () => {
      clearTimeout(first)
      clearInterval(looking)
      clearTimeout(timer)
      unsubscribe()
      await killing
    },
  }
}

/** Half to one and a half of a growing pause: runs that collided do not collide again in step. */
function pause(attempt: number): Promise<void> {
  const milliseconds = 100 * 2 ** attempt * (0.5 + Math.random())
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/**
 * Runs one statement; after a lock wait timeout it is tried again, a few times, because a short lock_wait_timeout is what keeps
 * others from queueing behind it (measured: with a queued ALTER the next plain SELECT waits, too).
 */
export async function attemptStatement(request: AttemptRequest): Promise<AttemptResult> {
  // Who was seen last, in whichever attempt: one may end while it is being asked who blocks it.
  let blockers: readonly Holder[] = []
  let ended = false
  const blocked = (by: readonly Holder[], attempt: number): void => {
    // The answer to the last question can arrive when the run has reported its result.
    if (ended) return
    blockers = by
    request.blocked(by, attempt)
  }
  const { progressed } = request
  const watched =
    progressed === undefined
      ? {}
      : {
          progressed: (progress: StatementProgress, milliseconds: number): void => {
            if (!ended) progressed(progress, milliseconds)
          },
        }
  try {
    return await tryUntilEnd({ ...request, blocked, ...watched }, () => blockers)
  } finally {
    ended = true
  }
}

async function tryUntilEnd(request: AttemptRequest, blockers: () => readonly Holder[]): Promise<AttemptResult> {
  const { session, stop, guarded = null } = request
  for (let attempt = 1; ; attempt += 1) {
    const ended = await tryOnce(request, attempt)
    if (ended.type === 'done') return ended
    const failed = { ...ended, blockers: blockers(), attempts: attempt, guarded: guarded !== null }
    if (ended.failure.type !== 'waited' || stop.requested) return failed
    if (guarded === null && attempt >= (request.attempts ?? usualAttempts)) return failed
    await session.rollback()
    if (guarded === null) await pause(attempt)
    else if (!(await guarded.again((by) => request.blocked(by, attempt)))) return { ...failed, blockers: blockers() }
  }
}

type Ended =
  | Extract<AttemptResult, { readonly type: 'done' }>
  | Omit<FailedAttempt, 'blockers' | 'attempts' | 'guarded'>

async function tryOnce(request: AttemptRequest, attempt: number): Promise<Ended> {
  const started = performance.now()
  const running = request.work(request.guarded?.lockWait(attempt) ?? null)
  const watching = watch(request, attempt, running)
  try {
    const outcome = await running
    return { type: 'done', outcome, milliseconds: performance.now() - started }
  } catch (cause) {
    const failure = request.session.explain(cause)
    if (failure === null) throw cause
    return { type: 'failed', failure, timedOut: watching.timedOut(), cause }
  } finally {
    await watching.end()
  }
}

/**
 * Runs users' code with the signal that is aborted once a program has asked the run to stop: it asks once, then it kills.
 * Code that is ended for that reason was stopped, and did not fail.
 */
export async function withTermination<Result>(
  stop: StopRequest,
  work: (soon: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const termination = new AbortController()
  const unsubscribe = stop.onTerminate?.(() => termination.abort())
  try {
    return await work(termination.signal)
  } catch (error) {
    if (!termination.signal.aborted || !(error instanceof ToolError) || error.code !== 'CANCELED') throw error
    throw new ToolError('STOPPED', error.faults, { cause: error })
  } finally {
    unsubscribe?.()
  }
}
