import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { NameRules } from './grant.ts'

/** What is known of an account on one server. */
export type AccountState =
  | { readonly type: 'absent' }
  /** `own` is true only for one that `wwdb grants --apply` made: it alone may be changed. */
  | { readonly type: 'present'; readonly own: boolean; readonly grants: readonly string[] }

export interface NewAccount {
  /** `user@host`. */
  readonly account: string
  readonly password: string
  readonly requireTls: boolean
}

/** Accounts of one server, seen by one that may manage them. */
export interface AccountServer {
  readonly version: string
  readonly rules: NameRules
  /** Throws ToolError `SERVER_REFUSED` where the user may not look at accounts. */
  readonly read: (account: string) => Promise<AccountState>
  /** Makes it, with the mark of wwdb where the server can keep one. */
  readonly create: (account: NewAccount) => Promise<void>
  /** GRANT and REVOKE, as they are. */
  readonly change: (statements: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

export interface AccountServers {
  /** Opens the server of a database. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
  readonly open: (database: DatabaseConfig, timeouts: Timeouts) => Promise<AccountServer>
}

/** The servers as holders of accounts. */
export const accountServers = port<AccountServers>('grants/accounts')
