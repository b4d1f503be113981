import type { DatabaseConfig, ServerConfig } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { ServerFacts } from './facts.ts'

/** One server and user, with the databases that are on it. */
export interface Examination {
  readonly server: ServerConfig
  readonly databases: readonly DatabaseConfig[]
  /** Milliseconds allowed for connecting, and for the whole examination. */
  readonly connectTimeout: number
  readonly timeout: number
  /** True where tables must be encrypted: only then are they asked for. */
  readonly encryption: boolean
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
}

/**
 * MySQL servers as `wwdb doctor` examines them: nothing is written, and the lock that is tried is released. Never throws a
 * ToolError.
 */
export interface DoctorServers {
  readonly examine: (examination: Examination) => Promise<ServerFacts>
  /** The same for a vtgate, with the keyspaces on it. */
  readonly examineVtgate: (examination: Examination) => Promise<ServerFacts>
}

/** The servers as `wwdb doctor` examines them. */
export const doctorServers = port<DoctorServers>('doctor/servers')
