/** Set by the first and second Ctrl-C; the engine looks between statements and subscribes for the second. */
export interface StopRequest {
  readonly requested: boolean
  readonly killRequested: boolean
  /** Calls back on the first request, for what only waits; at once when it was made already. Returns the unsubscription. */
  readonly onStop: (listener: () => void) => () => void
  /** Calls back when the statement under way must be killed; at once when that was asked already. Returns the unsubscription. */
  readonly onKill: (listener: () => void) => () => void
  /** Calls back when a program asked to stop (SIGTERM), which will not ask twice; absent where none can. Returns the unsubscription. */
  readonly onTerminate?: (listener: () => void) => () => void
}
