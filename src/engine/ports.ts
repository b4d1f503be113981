import type { DatabaseConfig } from '../config/config.ts'
import type { Target } from '../domain/target.ts'

/** Set by the first and second Ctrl-C; the engine looks between statements and subscribes for the second. */
export interface StopRequest {
  readonly requested: boolean
  readonly killRequested: boolean
  /** Calls back when the statement under way must be killed; returns the unsubscription. */
  readonly onKill: (listener: () => void) => () => void
}

/** The servers behind the targets. Implemented by drivers/mysql. */
export interface ServerPort {
  readonly open: (database: DatabaseConfig) => Promise<Target>
}
