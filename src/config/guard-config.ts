export interface GuardConfig {
  /**
   * Milliseconds that a transaction may use a table before DDL statements on the table wait for its end; null where this is not
   * checked.
   */
  readonly transaction: number | null
  /** Milliseconds that a DDL statement waits for that end. */
  readonly budget: number
  /** Which sessions `--kill-blockers` may kill; null where it may kill none. */
  readonly kill: GuardKill | null
}

export interface GuardKill {
  /** Names of accounts, without their hosts. */
  readonly users: readonly string[]
  /** Sessions in one run, at most. */
  readonly most: number
  /** Rows that the transaction of such a session may have changed. */
  readonly rows: number
}

/** What applies where nothing is configured. */
export const defaultGuard: GuardConfig = { transaction: 5000, budget: 60_000, kill: null }
