/** Steps of other targets wait here until what they build on is complete. */
export class Gates {
  readonly #waiters = new Map<string, (() => void)[]>()
  readonly #passed = new Set<string>()
  readonly #broken = new Map<string, string>()
  readonly #awaited: ReadonlySet<string>

  /** @param awaited every step name that some step of another target waits for */
  constructor(awaited: Iterable<string>) {
    this.#awaited = new Set(awaited)
  }

  isAwaited(name: string): boolean {
    return this.#awaited.has(name)
  }

  /** True when nothing is left to wait for. */
  isOpen(names: readonly string[]): boolean {
    return names.every((name) => this.#passed.has(name))
  }

  pass(name: string): void {
    this.#passed.add(name)
    this.#wake(name)
  }

  /** The step will not be completed in this run: whoever waits for it must give up. */
  break(name: string, why: string): void {
    if (this.#passed.has(name)) return
    this.#broken.set(name, why)
    this.#wake(name)
  }

  /** Waits for all of them; returns null, or the name of the one that will not come and why. */
  async wait(names: readonly string[]): Promise<{ readonly name: string; readonly why: string } | null> {
    for (const name of names) {
      while (!this.#passed.has(name)) {
        const why = this.#broken.get(name)
        if (why !== undefined) return { name, why }
        await new Promise<void>((resolve) => {
          this.#waiters.set(name, [...(this.#waiters.get(name) ?? []), resolve])
        })
      }
    }
    return null
  }

  #wake(name: string): void {
    for (const resolve of this.#waiters.get(name) ?? []) resolve()
    this.#waiters.delete(name)
  }
}

/** How many targets are worked on at once. A target that waits for another gives its slot away meanwhile. */
export class Slots {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(count: number) {
    this.#free = Math.max(1, count)
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve))
  }

  give(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
