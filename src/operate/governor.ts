import { nextStop } from '../calendar/stop-time.ts'
import type { Emit } from '../command/event.ts'
import type { ThrottleConfig } from '../config/throttle-config.ts'
import { formatDuration } from '../core/duration.ts'
import { sleepUnlessStopped } from '../core/sleep-unless-stopped.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { type Decision, decide } from './decide.ts'
import type { ThrottleReader } from './ports.ts'
import { describeBeyond, describeReading, type Reading } from './reading.ts'

/** A time during which heavy work of a target waited. */
export interface Pause {
  /** A clause: `replica b was 9.0 s behind`. */
  readonly why: string
  readonly milliseconds: number
}

export interface GovernorRequest {
  readonly target: Target
  readonly throttle: Pick<ThrottleConfig, 'resume' | 'limit' | 'every'> & { readonly stopAt?: ThrottleConfig['stopAt'] }
  readonly reader: ThrottleReader
  readonly emit: Emit
  readonly stop: StopRequest
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number
}

/** True where a bound is set: only then is heavy work governed. */
export function isThrottled({ mode, ...throttle }: ThrottleConfig): boolean {
  const { lag, groupQueue, threadsRunning, historyLength, checkpointAge, undo, freeDisk, window, queries } = throttle
  const bounds = [lag, groupQueue, threadsRunning, historyLength, checkpointAge, undo, freeDisk, window]
  return mode === 'on' && (bounds.some((bound) => bound !== null) || queries.length > 0)
}

/** Decides for one target whether its heavy work may go on. It is asked before each piece of such work: nothing that runs already can be paused. */
export class Governor {
  readonly #request: GovernorRequest
  readonly #now: () => number
  readonly #pauses: Pause[] = []
  readonly #stopsAt: number
  #clearUntil = Number.NEGATIVE_INFINITY
  #looking: Promise<Decision> | null = null
  #pausing: Promise<void> | null = null

  constructor(request: GovernorRequest) {
    this.#request = request
    this.#now = request.now ?? (() => performance.now())
    const { stopAt = null } = request.throttle
    this.#stopsAt = stopAt === null ? Number.POSITIVE_INFINITY : nextStop(stopAt, Date.now())
  }

  /** The pauses that are over, in order. */
  get pauses(): readonly Pause[] {
    return this.#pauses
  }

  /**
   * Returns when work may go on, or when the run must stop. A reading is valid for `throttle.every`; workers that ask at the same time share one answer. Throws ToolError `THROTTLED` where a pause lasts longer than `throttle.limit`. @param beforePause writes what must not be left undone meanwhile, such as uncommitted rows
   */
  async clear(beforePause?: () => Promise<void>): Promise<void> {
    if (Date.now() >= this.#stopsAt && !this.#request.stop.requested) {
      await beforePause?.()
      throw this.#atEnd()
    }
    if (this.#isClear()) return
    const joined = this.#pausing
    if (joined !== null) {
      // Work that asks during a pause waits for its end: by a reading of its own, it would continue while the others still wait to be well below
      // the bound.
      await beforePause?.()
      return joined
    }
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    const decision = await this.#looking
    if (decision.type === 'go-on') return
    await beforePause?.()
    if (this.#isClear()) return
    this.#pausing ??= this.#pause(decision.because).finally(() => {
      this.#pausing = null
    })
    await this.#pausing
  }

  #isClear(): boolean {
    return this.#now() < this.#clearUntil || this.#request.stop.requested
  }

  async #look(): Promise<Decision> {
    const { throttle, reader } = this.#request
    const began = this.#now()
    const decision = decide(await reader.read(), false, throttle.resume)
    if (decision.type === 'go-on') this.#clearUntil = began + throttle.every
    return decision
  }

  async #pause(because: readonly [Reading, ...Reading[]]): Promise<void> {
    const { throttle, reader, stop, emit, target } = this.#request
    const began = this.#now()
    const [cause] = because
    let shown: Reading | null = null
    let waitsFor = because
    for (;;) {
      const milliseconds = this.#now() - began
      const [worst] = waitsFor
      if (shown === null || !isSame(shown, worst)) {
        shown = worst
        emit({ type: 'throttle-paused', target, because: waitsFor, milliseconds })
      }
      if (stop.requested) return this.#end('stopped', cause, milliseconds)
      if (Date.now() >= this.#stopsAt) {
        this.#end('gave-up', cause, milliseconds)
        throw this.#atEnd()
      }
      if (throttle.limit !== null && milliseconds >= throttle.limit) {
        this.#end('gave-up', cause, milliseconds)
        throw this.#throttled(worst, throttle.limit)
      }
      await sleepUnlessStopped(
        Math.min(
          throttle.every,
          (throttle.limit ?? Number.POSITIVE_INFINITY) - milliseconds,
          this.#stopsAt - Date.now(),
        ),
        stop,
      )
      const next = decide(await reader.read(), true, throttle.resume)
      if (next.type === 'go-on') {
        this.#clearUntil = this.#now() + throttle.every
        return this.#end('went-on', cause, this.#now() - began)
      }
      waitsFor = next.because
    }
  }

  #end(how: 'went-on' | 'stopped' | 'gave-up', because: Reading, milliseconds: number): void {
    this.#pauses.push({ why: describeReading(because, 'was'), milliseconds })
    this.#request.emit({ type: 'throttle-ended', target: this.#request.target, how, because, milliseconds })
  }

  /** The time of `throttle.stopAt` has come. */
  #atEnd(): ToolError {
    const { database, server } = this.#request.target
    return new ToolError('THROTTLED', {
      what: `Heavy work was stopped at ${new Date(this.#stopsAt).toISOString().replace('.000Z', 'Z')}.`,
      where: { database, server },
      why: '`--stop-at`, or `throttle.stopAt` of the configuration, names this time.',
      next: 'Run the command again when there is time for it: it continues where it stopped.',
    })
  }

  #throttled(worst: Reading, limit: number): ToolError {
    const { database, server } = this.#request.target
    return new ToolError('THROTTLED', {
      what: `Heavy work was paused for ${formatDuration(limit)}, which is the limit of a pause.`,
      where: { database, server },
      why: `At the end, ${describeBeyond(worst, 'was')}.`,
      next: 'Run the command again when `wwdb throttle` shows no reading over its bound, or change `throttle` in the configuration.',
    })
  }
}

function isSame(one: Reading, other: Reading): boolean {
  return one.measure === other.measure && one.of === other.of
}
