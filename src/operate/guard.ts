import type { Holder } from '../core/holder.ts'
import { sleepUnlessStopped } from '../core/sleep-unless-stopped.ts'
import type { StopRequest } from '../core/stop-request.ts'

const firstPause = 250
const longestPause = 4000

/** A lock wait of MySQL is a whole number of seconds: the first attempt disturbs others for one second at most, later ones a little longer. */
export const shortestLockWait = 1000
const longestLockWait = 3000

/** The time that one definition may wait for others: in looks outside the lock queue, in the queue, and in the pauses between. */
export class GuardBudget {
  readonly #stop: StopRequest
  readonly #end: number
  #pauses = 0

  /** @param milliseconds from now on */
  constructor(milliseconds: number, stop: StopRequest) {
    this.#stop = stop
    this.#end = performance.now() + milliseconds
  }

  /** Milliseconds. */
  get left(): number {
    return Math.max(0, this.#end - performance.now())
  }

  get isUsedUp(): boolean {
    return this.left === 0
  }

  get isStopped(): boolean {
    return this.#stop.requested
  }

  /**
   * Milliseconds that an attempt may stand in the lock queue, in whole seconds.
   * @param attempt its number, from 1
   */
  lockWait(attempt: number): number {
    const left = Math.floor(this.left / 1000) * 1000
    return Math.max(shortestLockWait, Math.min(attempt * 1000, longestLockWait, left))
  }

  /** Waits outside the queue, twice as long as before, half to one and a half of it: runs that wait for one transaction do not try in step. */
  async pause(): Promise<void> {
    const growing = Math.min(longestPause, firstPause * 2 ** this.#pauses) * (0.5 + Math.random())
    this.#pauses += 1
    await sleepUnlessStopped(Math.min(growing, this.left), this.#stop)
  }
}

export interface GuardRequest {
  /** Who has held the tables for too long. */
  readonly look: () => Promise<readonly Holder[]>
  readonly budget: GuardBudget
  /**
   * Called before each wait: what must not wait that long is done in it.
   * @param look the number of the look, from 1
   */
  readonly held: (by: readonly Holder[], look: number) => Promise<void>
  /** Called from the second look on, with those that were seen in the look before, too: ends those that may be ended. */
  readonly relieve?: (by: readonly Holder[], milliseconds: number) => Promise<void>
}

/** The guard's last observation: nobody where the definition may be sent. */
export interface GuardEnd {
  readonly holders: readonly Holder[]
  readonly looks: number
}

/**
 * Waits outside the lock queue for the end of transactions that hold the tables of a definition. A definition that waits in the queue makes every later
 * statement on its tables wait as well, reads included; one that is not sent yet disturbs nobody.
 */
export async function awaitTables({ look, budget, held, relieve }: GuardRequest): Promise<GuardEnd> {
  let before: readonly Holder[] = []
  for (let looks = 1; ; looks += 1) {
    const holders = await look()
    if (holders.length === 0 || budget.isStopped) return { holders: [], looks }
    await held(holders, looks)
    if (budget.isUsedUp) return { holders, looks }
    const again = holders.filter((holder) => before.some((one) => isSameWork(one, holder)))
    if (again.length > 0 && relieve !== undefined) {
      await relieve(again, budget.left)
      if ((await look()).length === 0) return { holders: [], looks }
    }
    before = holders
    await budget.pause()
  }
}

/** True where a session is still in what it was seen in before: a transaction does not become younger, a connection may begin another one. */
function isSameWork(before: Holder, now: Holder): boolean {
  return before.connectionId === now.connectionId && (now.seconds ?? 0) >= (before.seconds ?? 0)
}
