import type { Holder } from '../core/holder.ts'
import { sleepUnlessStopped } from '../core/sleep-unless-stopped.ts'
import type { StopRequest } from '../core/stop-request.ts'

const firstPause = 250
const longestPause = 4000

/** A lock wait of MySQL is a whole number of seconds: the first attempt disturbs others for one second at most, later ones a little longer. */
export const shortestLockWait = 1000
const longestLockWait = 3000

/**
 * The time that one definition may wait for others: in looks outside the lock queue, in the queue, and in the pauses between. What it runs is no waiting: an ALTER that is
 * refused its lock after an hour of copying may try again.
 */
export class GuardBudget {
  readonly #stop: StopRequest
  #left: number
  /** Since when it waits; null while an attempt is under way. */
  #since: number | null = performance.now()
  /** How long that attempt may stand in the queue. */
  #attempt = 0

  #pauses = 0

  /** @param milliseconds of waiting, which begins now */
  constructor(milliseconds: number, stop: StopRequest) {
    this.#stop = stop
    this.#left = milliseconds
  }

  /** Milliseconds. */
  get left(): number {
    return Math.max(0, this.#left - (this.#since === null ? 0 : performance.now() - this.#since))
  }

  get isUsedUp(): boolean {
    return this.left === 0
  }

  get isStopped(): boolean {
    return this.#stop.requested
  }

  /**
   * Milliseconds that the attempt that begins now may stand in the lock queue, in whole seconds.
   * @param attempt its number, from 1
   */
  lockWait(attempt: number): number {
    this.#left = this.left
    this.#since = null
    const left = Math.floor(this.#left / 1000) * 1000
    this.#attempt = Math.max(shortestLockWait, Math.min(attempt * 1000, longestLockWait, left))
    return this.#attempt
  }

  /** The attempt has given up its place in the queue: of its time, that was waiting. */
  gaveUp(): void {
    if (this.#since !== null) return
    this.#left = Math.max(0, this.#left - this.#attempt)
    this.#since = performance.now()
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
