/** Who holds a lock or blocks a statement, as far as the server lets us see. */
export interface Holder {
  readonly connectionId: number
  readonly user: string | null
  readonly host: string | null
  /** Seconds in its present state. */
  readonly seconds: number | null
  readonly state: string | null
  readonly statement: string | null
  /** True when the run that opened this connection is known to be dead: its statement continues in the server alone. */
  readonly orphaned: boolean
  /** What it holds where that is more than a lock on tables: `FLUSH TABLES WITH READ LOCK`, or the prepared XA transaction, which no connection has. */
  readonly holds?: string
}
