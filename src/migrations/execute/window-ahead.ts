import type { Window, WindowMember } from './window.ts'

/**
 * Keeps the server at work while people are told what ran: of windows that follow one another, the next one is sent as soon
 * as the one before it is through, and the one behind that is collected meanwhile.
 */
export class WindowAhead {
  readonly #run: (window: Window) => Promise<void>
  #present: Window | null = null
  #next: Window | null = null
  #underWay: Promise<{ readonly error: unknown } | null> | null = null

  /** @param run opens a window's rows and runs it */
  constructor(run: (window: Window) => Promise<void>) {
    this.#run = run
  }

  /** True while a window was sent ahead of which nobody was told, whether or not it has been answered. */
  get isUnderWay(): boolean {
    return this.#underWay !== null
  }

  /** True for the first statement of the window that was sent ahead. */
  beginsWith({ run, ready }: WindowMember): boolean {
    const first = this.isUnderWay ? this.#present?.members[0] : undefined
    return first?.run === run && first.ready.source === ready.source
  }

  /** @param window whose rows were just opened; null where the one behind it may not be sent ahead */
  follow(window: Window | null): void {
    this.#present = window
    this.#next = null
  }

  /**
   * The present window is through: sends the next one, and does not wait for the answers.
   * @param collect gives the window directly behind one, null where there is none
   */
  async send(collect: (before: Window) => Promise<Window | null>): Promise<void> {
    const next = this.#next ?? (this.#present === null ? null : await collect(this.#present))
    this.follow(next)
    if (next === null) return
    this.#underWay = this.#run(next).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    this.#next = await collect(next)
  }

  /** Waits for the window that was sent ahead. Throws what it met. */
  async land(): Promise<void> {
    const met = await this.#underWay
    this.#underWay = null
    if (met !== null) throw met.error
  }
}
