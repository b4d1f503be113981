import { canceled, notSent } from './errors.ts'
import { persist } from './follow-migrations.ts'

interface GivingParts {
  /** Throws ToolError `LOCK_LOST` where a renewal of the lease has shown that. */
  readonly sure: () => void
  /** Makes the lease last. Throws ToolError `LOCK_LOST`. */
  readonly renew: () => Promise<void>
}

/** The way of one definition to Vitess: it waits for shards that are away, can be canceled meanwhile, and is sent under a lease that was just renewed. */
export class Giving {
  readonly #parts: GivingParts
  /** All waits before it is sent end together. Null where nothing is on its way. */
  #since: number | null = null
  #isSending = false
  #isCanceled = false
  #wasSent = false
  #waiting: string | null = null

  constructor(parts: GivingParts) {
    this.#parts = parts
  }

  /** What it waits for; null where it does not. */
  get waiting(): string | null {
    return this.#waiting
  }

  /** Asks again and again while a part of Vitess is away. */
  async persist<T>(work: () => Promise<T>, passes?: (error: unknown) => boolean): Promise<T> {
    const away = (why: string): void => {
      if (this.#since !== null) this.#waiting = why
    }
    const patience = { sure: () => this.#check(), away, ...(this.#since !== null && { since: this.#since }) }
    try {
      return await persist(patience, work, passes)
    } finally {
      this.#waiting = null
    }
  }

  /** Makes the lease last. */
  renew = (): Promise<void> => this.persist(this.#parts.renew)

  /** Leads one there. What fails before it was sent says so. */
  async lead<T>(work: () => Promise<T>): Promise<T> {
    this.#since = performance.now()
    this.#isCanceled = false
    this.#wasSent = false
    try {
      return await work()
    } catch (error) {
      throw this.#wasSent ? error : notSent(error)
    } finally {
      this.#since = null
    }
  }

  /** Sends it: what was waited for before may have taken longer than the lease lasts. */
  async send<T>(submit: () => Promise<T>): Promise<T> {
    await this.renew()
    this.#check()
    this.#wasSent = true
    this.#isSending = true
    try {
      return await submit()
    } finally {
      this.#isSending = false
    }
  }

  /** Ends it before it is sent; false where nothing waits for that. */
  cancel(): boolean {
    if (this.#since === null || this.#isSending) return false
    this.#isCanceled = true
    return true
  }

  #check(): void {
    this.#parts.sure()
    if (this.#since !== null && this.#isCanceled) throw canceled()
  }
}
