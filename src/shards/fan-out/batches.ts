import type { Emit, RunEvent } from '../../command/event.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { ShardRun } from './select-shards.ts'

/** Follows a worker's executor through a batch: which shards are complete, and which one is running. */
export class BatchWatch {
  readonly #byVersion: ReadonlyMap<string, ShardRun>
  readonly #left: Map<ShardRun, number>
  readonly #milliseconds = new Map<ShardRun, number>()
  readonly #started: (run: ShardRun) => void
  readonly #finished: (run: ShardRun, milliseconds: number) => void
  readonly #pass: Emit
  #current: ShardRun | null = null

  /** @param pass receives the events of interest unchanged */
  constructor(
    batch: readonly ShardRun[],
    on: {
      readonly started: (run: ShardRun) => void
      readonly finished: (run: ShardRun, milliseconds: number) => void
      readonly pass: Emit
    },
  ) {
    this.#byVersion = new Map(batch.flatMap((one) => one.runs.map((run) => [run.step.migration.version, one] as const)))
    this.#left = new Map(batch.map((one) => [one, one.runs.length]))
    this.#started = on.started
    this.#finished = on.finished
    this.#pass = on.pass
  }

  /** The shard whose statements are running; null between two shards. */
  get current(): ShardRun | null {
    return this.#current
  }

  readonly emit: Emit = (event) => {
    switch (event.type) {
      case 'step-started':
        return this.#begin(event.version)
      case 'statement-finished':
        return this.#note(event)
      case 'step-finished':
        return this.#complete(event.version, event.milliseconds)
      case 'online-changed':
      case 'statement-blocked':
      case 'statement-progress':
      case 'warning':
        return this.#pass(event)
      default:
    }
  }

  #begin(version: string): void {
    const shard = this.#byVersion.get(version) ?? null
    if (shard !== null && shard !== this.#current) this.#started(shard)
    this.#current = shard
  }

  #note(event: Extract<RunEvent, { readonly type: 'statement-finished' }>): void {
    const isLast = this.#current?.runs.at(-1)?.step.migration.version === event.version
    if (isLast && event.statement === event.total - 1) this.#current = null
    for (const warning of event.warnings)
      this.#pass({ type: 'warning', target: event.target, message: `${event.summary}: ${warning}` })
  }

  #complete(version: string, milliseconds: number): void {
    const shard = this.#byVersion.get(version)
    if (shard === undefined) return
    const left = (this.#left.get(shard) ?? 0) - 1
    const spent = (this.#milliseconds.get(shard) ?? 0) + milliseconds
    this.#left.set(shard, left)
    this.#milliseconds.set(shard, spent)
    if (left === 0) this.#finished(shard, spent)
  }

  /** Shards of the batch whose rows are not all closed. */
  unfinished(): readonly ShardRun[] {
    return [...this.#left].filter(([, left]) => left > 0).map(([shard]) => shard)
  }
}

/**
 * Stops a worker's executor between two shards when the error budget is used up, and between two statements when the
 * person requests it.
 */
export function stopBetweenShards(stop: StopRequest, isSpent: () => boolean, watch: BatchWatch): StopRequest {
  return {
    get requested() {
      return stop.requested || (isSpent() && watch.current === null)
    },
    get killRequested() {
      return stop.killRequested
    },
    onStop: stop.onStop,
    onKill: stop.onKill,
  }
}

/** The most passes whose rows one worker opens in one write: a killed run leaves these to be checked. */
const widest = 32

/** The remaining shards, distributed to workers. */
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
