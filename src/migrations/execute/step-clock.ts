import type { StepRun } from './work.ts'

/** How long steps took: told when their rows are closed, which may be after later steps began. */
export class StepClock {
  readonly #started = new Map<StepRun, number>()
  readonly #stopped = new Map<StepRun, number>()

  start(run: StepRun): void {
    this.#started.set(run, performance.now())
  }

  stop(run: StepRun): void {
    this.#stopped.set(run, performance.now())
  }

  /** Milliseconds from start to stop; asked once for each step. */
  take(run: StepRun): number {
    const stopped = this.#stopped.get(run) ?? performance.now()
    const milliseconds = stopped - (this.#started.get(run) ?? stopped)
    this.#started.delete(run)
    this.#stopped.delete(run)
    return milliseconds
  }
}
