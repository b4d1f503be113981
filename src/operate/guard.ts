import type { Holder } from '../core/holder.ts'
import { sleepUnlessStopped } from '../core/sleep-unless-stopped.ts'
import type { StopRequest } from '../core/stop-request.ts'

export interface GuardRequest {
  /** Who holds the tables for too long at this moment. */
  readonly look: () => Promise<readonly Holder[]>
  /** Milliseconds. */
  readonly budget: number
  readonly stop: StopRequest
  /**
   * Called before each wait: what must not be left undone meanwhile is done in it.
   * @param look the number of the look, from 1
   */
  readonly held: (by: readonly Holder[], look: number) => Promise<void>
}

/** What the guard saw at last: nobody where the definition may be sent. */
export interface GuardEnd {
  readonly holders: readonly Holder[]
  readonly looks: number
}

const firstPause = 250
const longestPause = 4000

/**
 * Waits outside the lock queue for the end of transactions that hold the tables of a definition. A definition that waits in the queue makes every later
 * statement on its tables wait as well, reads included; one that is not sent yet disturbs nobody.
 */
export async function awaitTables({ look, budget, stop, held }: GuardRequest): Promise<GuardEnd> {
  const end = performance.now() + budget
  for (let looks = 1; ; looks += 1) {
    const holders = await look()
    if (holders.length === 0 || stop.requested) return { holders: [], looks }
    await held(holders, looks)
    const left = end - performance.now()
    if (left <= 0) return { holders, looks }
    await sleepUnlessStopped(Math.min(left, pauseAfter(looks)), stop)
  }
}

/** Doubling, half to one and a half of it: runs that wait for one transaction do not look in step. */
function pauseAfter(looks: number): number {
  return Math.min(longestPause, firstPause * 2 ** (looks - 1)) * (0.5 + Math.random())
}
