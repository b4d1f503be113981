/**
 * Set by the first and second Ctrl-C; the engine checks for the first between statements and subscribes to the second.
 */
export interface StopRequest {
  readonly requested: boolean
  readonly killRequested: boolean
  /**
   * Calls back on the first request, for code that only waits; at once where it was made already. Returns the
   * unsubscription.
   */
  readonly onStop: (listener: () => void) => () => void
  /**
   * Calls back when the running statement must be killed; at once where that was requested already. Returns the
   * unsubscription.
   */
  readonly onKill: (listener: () => void) => () => void
  /** Calls back when a program asked to stop (SIGTERM), which will not ask twice; absent where none can. Returns the unsubscription. */
  readonly onTerminate?: (listener: () => void) => () => void
}
