import { setTimeout as pause } from 'node:timers/promises'
import type { Holder } from '../core/holder.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { nameBlockers } from '../sql/name-blockers.ts'
import { hasNumber, serverErrors, toSentence } from './errors.ts'
import { findBlockers } from './find-blockers.ts'
import type { MonitorConnection } from './monitor-connection.ts'

/** A connection whose statements may wait for a lock, and another one to watch it. */
export interface Waiter {
  readonly target: Target
  readonly monitor: MonitorConnection
  readonly connectionId: number
  /** Milliseconds that one attempt waits: lock_wait_timeout of the session. */
  readonly lockWait: number
}

interface BlockerWatch {
  /** The blockers that were seen last. */
  readonly stop: () => Promise<readonly Holder[]>
}

/** Milliseconds. The shortest lock wait of MySQL is a second; a write that is only slow must not open another connection. */
const firstLookOfOwn = 500

/**
 * Checks from another connection, again and again while a statement waits. A check that fails is not an error.
 * @param firstLook milliseconds after the start of the statement
 */
export function watchBlockers({ monitor, connectionId, lockWait }: Waiter, firstLook: number): BlockerWatch {
  const ended = new AbortController()
  let seen: readonly Holder[] = []
  const interval = Math.max(firstLook, lockWait / 4)
  const look = async (): Promise<void> => {
    await pause(firstLook, undefined, { signal: ended.signal })
    while (!ended.signal.aborted) {
      const now = await monitor.ask((connection) => findBlockers(connection, connectionId))
      if (now.length > 0) seen = now
      await pause(interval, undefined, { signal: ended.signal })
    }
  }
  const looking = look().catch(() => undefined)
  return {
    stop: async () => {
      ended.abort()
      await looking
      return seen
    },
  }
}

/** Runs a statement of wwdb itself. Throws ToolError `SERVER_REFUSED` with the blockers where it gave up waiting for a lock, else the original error. */
export async function namingBlockers<T>(waiter: Waiter, work: () => Promise<T>): Promise<T> {
  const watch = watchBlockers(waiter, firstLookOfOwn)
  try {
    return await work()
  } catch (error) {
    const gaveUp = hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)
    const blockers = gaveUp ? await watch.stop() : []
    if (!(error instanceof Error) || blockers.length === 0) throw error
    const { database, server } = waiter.target
    const fault = {
      what: 'A statement of wwdb itself gave up waiting for a lock.',
      where: { database, server },
      why: `${toSentence(error.message).slice(0, -1)}; ${nameBlockers(blockers)}.`,
      next: 'End what blocks it, or increase `timeouts.lockWait`, then run the command again: it continues where it stopped.',
    }
    throw new ToolError('SERVER_REFUSED', fault, { cause: error })
  } finally {
    void watch.stop()
  }
}
