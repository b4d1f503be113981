import type { ShardRun } from './shard-runs.ts'

/** Passes whose rows one worker opens in one write, at most: what a killed run leaves to be looked at. */
const widest = 32

/** The shards that are still to be done, dealt out to workers. */
export class WorkPool {
  #left: ShardRun[]
  readonly #workers: number
  readonly #together: boolean

  /** @param together true where statements are quick enough for a worker to take several shards at a time */
  constructor(runs: readonly ShardRun[], workers: number, together: boolean) {
    this.#left = [...runs]
    this.#workers = workers
    this.#together = together
  }

  /** The next shards for one worker: fewer towards the end, so that all workers end together. Empty when none is left. */
  take(): readonly ShardRun[] {
    const share = Math.ceil(this.#left.length / (this.#workers * 2))
    return this.#left.splice(0, this.#together ? Math.min(widest, share) : 1)
  }

  /** The first shard alone. */
  takeFirst(): readonly ShardRun[] {
    return this.#left.splice(0, 1)
  }

  /** Shards that were taken and not begun. */
  giveBack(runs: readonly ShardRun[]): void {
    this.#left = [...runs, ...this.#left]
  }

  get left(): number {
    return this.#left.length
  }
}
