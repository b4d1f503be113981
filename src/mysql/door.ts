import type { Port } from '../core/port.ts'
import type { Connection } from './connection.ts'
import type { ServerFacts } from './facts.ts'
import type { Place } from './place.ts'

/**
 * What a connection is for, which decides where the run is recorded before the connection changes something:
 * - `work`          in the database of the place
 * - `accounts`      in the first database of the configuration: accounts are in no schema of it
 * - `environments`  in the registry of test environments, behind the write that may create it
 * - `scratch`       nowhere: what it makes is dropped again
 * - `record`        nowhere: it writes the record itself
 */
export type Purpose = 'work' | 'accounts' | 'environments' | 'scratch' | 'record'

export interface Opening {
  /** Whether the server must be one that takes writes. Throws ToolError `READ_ONLY` otherwise. */
  readonly writable: boolean
  readonly purpose: Purpose
  /** True where data statements stay uncommitted until COMMIT, and reads have one snapshot. Without it each statement is alone. */
  readonly transaction?: boolean
}

/** A connection that is logged in and pinned, whose server is known, and whose first change is preceded by the record of the run. */
export interface MysqlConnection extends Connection {
  readonly place: Place
  readonly facts: ServerFacts
  /** Records the run now: for a change that no statement shows, such as a lock that was taken. Does nothing the second time. */
  readonly record: () => Promise<void>
  /** A sentence for the record about a change that no table shows. */
  readonly note: (change: string) => void
  /** Another connection to the same place, for what the first one must not wait for, with the same record. */
  readonly beside: (how?: Partial<Pinning>) => Promise<Connection>
}

export interface Pinning {
  /** Pins the session. Default: with the settings of wwdb itself, without a transaction. */
  readonly pin: (connection: Connection) => Promise<unknown>
  readonly purpose: Purpose
}

/** The one way to a server. */
export interface Door {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`, `READ_ONLY` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`. */
  readonly open: (place: Place, opening: Opening) => Promise<MysqlConnection>
  /** The same without asking the server what it is: for a look at a server that may refuse the questions, and for the record itself. */
  readonly openPinned: (place: Place, pinning: Partial<Pinning> & Pick<Pinning, 'purpose'>) => Promise<Connection>
  readonly process: ProcessIdentity
}

/** What a driver needs to know that no server knows. */
export interface ProcessIdentity {
  /** Who runs wwdb, as journals name it. */
  readonly runner: {
    readonly name: string
    readonly process: string
    readonly toolVersion: string
    readonly runId?: string
  }
  /** Whether a process lives; null for one of another host. */
  readonly isAlive: (host: string, processId: number) => boolean | null
  /** Statements of migrations are sent alone, not in packets; only tests have it so. */
  readonly sendsAlone?: boolean
}

/** How the part behind a port is made of the door. Each file of a driver that makes one exports it as `driver`. */
export interface Driver<Part> {
  readonly port: Port<Part>
  readonly build: (door: Door) => Part
}

export function driverOf<Part>(port: Port<Part>, build: (door: Door) => Part): Driver<Part> {
  return { port, build }
}
