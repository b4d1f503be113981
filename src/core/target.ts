import type { ErrorCode } from './error-codes.ts'
import type { Fault } from './tool-error.ts'

/** A logical database in a schema on a server. `server` is `host:port` and holds no secret. */
export interface Target {
  readonly database: string
  readonly schema: string
  readonly server: string
}

/** A run that holds a target now. */
export interface RunUnderWay {
  readonly id: string
  readonly command: string
  /** Who started it, and from where: `person@host`. */
  readonly person: string
  /** Seconds since it took the target, by the server's clock. */
  readonly seconds: number
}

/** A database that a command left out because its server could not be used, and why. */
export interface UnreachedTarget {
  readonly target: Target
  /** The fault's stable code, e.g. `UNREACHABLE`. */
  readonly code: ErrorCode
  readonly fault: Fault
}

/** A migration that a run leaves out because it depends on one of a database that could not be opened. */
export interface BlockedStep {
  readonly version: string
  readonly name: string
  /** The migration that it depends on, or that depends on it, as `database/version`. */
  readonly by: string
  /** The database at the end of the chain that could not be opened, and its server as host:port. */
  readonly database: string
  readonly server: string
  /** What would let that database be opened: a GRANT, a password, a server to be started. */
  readonly next?: string
}
