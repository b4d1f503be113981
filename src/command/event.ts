import type { Target } from '../core/target.ts'

/** Events that any run may emit. */
type GeneralEvent =
  | { readonly type: 'run-started'; readonly command: string; readonly targets: readonly Target[] }
  | { readonly type: 'warning'; readonly message: string; readonly target: Target | null }
  /** Slow work outside the databases (fetching or starting a server), as a sentence. */
  | { readonly type: 'progress'; readonly message: string }
  | { readonly type: 'stopping'; readonly how: 'after-statement' | 'kill' }

/**
 * The events of a run, by who declares them. A capability adds its own in its `events.ts`, by `declare module`: nothing here names a capability.
 * @public for capabilities
 */
export interface RunEvents {
  readonly core: GeneralEvent
}

/**
 * The printed form of data in events and answers, by its name. A capability adds its own as it adds events.
 * @public for capabilities
 */
// biome-ignore lint/suspicious/noEmptyInterface: capabilities add to it
export interface PrintedParts {}

/** What happens during a run, in order. Reporters render events; the engine has no other output. */
export type RunEvent = RunEvents[keyof RunEvents]

/** Takes events as they happen; must not throw and must not wait. */
export type Emit = (event: RunEvent) => void
