import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { NameRules } from './grant.ts'
import type { TableRole } from './table-acl.ts'

/** What is known about an account on one server. */
export type AccountState =
  | { readonly type: 'absent' }
  /** `own` is true only for an account that `wwdb grants --apply` created: only such an account may be changed. */
  | { readonly type: 'present'; readonly own: boolean; readonly grants: readonly string[] }

export interface NewAccount {
  /** `user@host`. */
  readonly account: string
  readonly password: string
  readonly requireTls: boolean
}

/** Accounts of one server, seen by a user that may manage them. */
export interface AccountServer {
  readonly version: string
  readonly rules: NameRules
  /** Throws ToolError `SERVER_REFUSED` where the user may not read accounts. */
  readonly read: (account: string) => Promise<AccountState>
  /** Creates it, marked as wwdb's where the server can store the mark. */
  readonly create: (account: NewAccount) => Promise<void>
  /** Runs GRANT and REVOKE as they are. */
  readonly change: (statements: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

export interface AccountServers {
  /** Opens the server of a database. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
  readonly open: (database: DatabaseConfig, timeouts: Timeouts) => Promise<AccountServer>
}

/** Manages the accounts of servers. */
export const accountServers = port<AccountServers>('grants/accounts')

/** What a tablet answers to a statement that changes nothing and needs one of its lists. */
export type RightAnswer =
  | { readonly type: 'allowed' }
  | { readonly type: 'denied'; readonly why: string }
  | { readonly type: 'unknown'; readonly why: string }

/** What the user that is logged in may do on the keyspaces of a vtgate: it shows that of nobody else. */
export interface RightsAtKeyspace {
  readonly listTables: (keyspace: string) => Promise<readonly string[]>
  /** Changes nothing. */
  readonly ask: (keyspace: string, table: string, role: TableRole) => Promise<RightAnswer>
  readonly close: () => Promise<void>
}

/** Opens the vtgate of a database. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
export const keyspaceRights =
  port<(database: DatabaseConfig, timeouts: Timeouts) => Promise<RightsAtKeyspace>>('grants/keyspace-rights')
