import type { StoreChange, StoreKind, StorePlan } from '../core/store.ts'
import type { StopRequest } from '../migrations/ports.ts'
import type { StoreCheck } from './outcome.ts'

/** Hears what a long step waits for, as a sentence; must not throw. */
type Say = (message: string) => void

/** What a session may use of the world outside its store. */
export interface StoreSurroundings {
  readonly say: Say
  /** Looked at between requests and while waiting: a wait ends when a stop is requested. */
  readonly stop: StopRequest
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
}

/**
 * One store with what is declared for it. Implemented by `stores/<store>/session.ts` over the driver of that store.
 * Its methods throw ToolErrors: `STORE_UNREACHABLE` and `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED` (the server said
 * no: its own words are the reason) and what each store adds.
 */
export interface StoreSession {
  readonly store: StoreKind
  /** `host:port`, several with commas; never a URL. */
  readonly server: string
  /** Reads and compares; writes nothing at all. The same reality gives the same plan. */
  readonly plan: () => Promise<StorePlan>
  /**
   * The same comparison from one look, for `verify`: waits for nothing, and lists what cannot be compared as long as anything can.
   * Its changes are not meant to be applied.
   */
  readonly compare: () => Promise<StorePlan>
  /**
   * Carries out one change of the plan that was made last, and returns when the store has it. Repeatable: what another run, or a run that was
   * killed, has done already is no fault.
   */
  readonly apply: (change: StoreChange) => Promise<void>
  /** Proves that the store does what it is for, beside what `compare` sees. What it writes for that it removes again. */
  readonly verify: () => Promise<readonly StoreCheck[]>
  /**
   * Removes everything that carries the prefix, declared or not, and says what; for the sets of `wwdb provision`.
   * Without a prefix nothing is ever removed: it throws.
   */
  readonly clear: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}
