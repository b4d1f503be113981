import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { NameRules } from './grant.ts'

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
