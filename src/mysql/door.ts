import type { GuardConfig } from '../config/guard-config.ts'
import type { Port } from '../core/port.ts'
import type { Connection } from './connection.ts'
import type { ServerFacts } from './facts.ts'
import type { Lender, Place } from './place.ts'

/**
 * What a connection is for, which decides where the run is recorded before the connection changes something:
 * - `work`          in the database of the place
 * - `accounts`      in the first database of the configuration: accounts belong to no schema
 * - `environments`  in the registry of test environments, after the write that may create it
 * - `scratch`       nowhere: what it creates is dropped again
 * - `record`        nowhere: it writes the record itself
 */
export type Purpose = 'work' | 'accounts' | 'environments' | 'scratch' | 'record'

export interface Opening {
  /** Whether the server must accept writes. Throws ToolError `READ_ONLY` where it does not. */
  readonly writable: boolean
  readonly purpose: Purpose
  /**
   * True where DML stays uncommitted until COMMIT, and reads have one snapshot. Otherwise each statement is its own transaction.
   */
  readonly transaction?: boolean
  /** For what knows how to work through a vtgate, and is given one. */
  readonly engine?: 'vtgate'
}

/** Where a member of a group is reached. */
export interface MemberAddress {
  readonly host: string
  readonly port: number
}

/** A connection that is logged in and pinned, to a known server, and whose first change is preceded by the record of the run. */
export interface MysqlConnection extends Connection {
  readonly place: Place
  readonly facts: ServerFacts
  /**
   * Records the run now: for a change that no statement shows, such as taking a lock. Later calls do nothing.
   */
  readonly record: (lending?: Lending) => Promise<void>
  /** Adds a sentence to the record, about a change that no table shows. */
  readonly note: (change: string) => void
  /** Another connection to the same place, with the same record, for work that must not wait for the first one. */
  readonly beside: (how?: Partial<Pinning>) => Promise<Connection>
  /** A connection to another member of its group, without a schema: it changes nothing there. */
  readonly toMember: (member: MemberAddress) => Promise<Connection>
}

/** A connection that `beside` returned, for the record of the run, which closes it at the end of the command. */
export interface Lending extends Partial<Lender> {
  readonly lend: () => Promise<Connection>
}

export interface Pinning {
  /** Pins the session. Default: wwdb's own settings, without a transaction. */
  readonly pin: (connection: Connection) => Promise<unknown>
  readonly purpose: Purpose
}

/** The only way to a server. */
export interface Door {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`, `READ_ONLY` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`. */
  readonly open: (place: Place, opening: Opening) => Promise<MysqlConnection>
  /**
   * The same without asking the server for its facts: for a check of a server that may refuse the queries, and for the record itself.
   */
  readonly openPinned: (place: Place, pinning: Partial<Pinning> & Pick<Pinning, 'purpose'>) => Promise<Connection>
  /** The connection that is lent. */
  readonly borrow: (lender: Lender) => Promise<Connection>
  readonly process: ProcessIdentity
  /** How definitions of existing tables are guarded. */
  readonly guard: () => Promise<GuardConfig>
}

/** What a driver needs to know that no server can tell. */
export interface ProcessIdentity {
  /** The person who runs wwdb, as journals name it. */
  readonly runner: {
    readonly name: string
    readonly process: string
    readonly toolVersion: string
    readonly runId?: string
  }
  /** Whether a process is alive; null for one of another host. */
  readonly isAlive: (host: string, processId: number) => boolean | null
  /** Statements of migrations are sent individually, not in packets; only tests use it. */
  readonly sendsAlone?: boolean
}

/**
 * How the part behind a port is created from the door. Each file of a driver that creates one exports it as `driver`.
 */
export interface Driver<Part> {
  readonly port: Port<Part>
  readonly build: (door: Door) => Part
}

export function driverOf<Part>(port: Port<Part>, build: (door: Door) => Part): Driver<Part> {
  return { port, build }
}
