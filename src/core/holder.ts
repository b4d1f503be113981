/** The session that holds a lock or blocks a statement, as far as the server shows it. */
export interface Holder {
  readonly connectionId: number
  readonly user: string | null
  readonly host: string | null
  /** Seconds in its current state. */
  readonly seconds: number | null
  readonly state: string | null
  readonly statement: string | null
  /** True when the run that opened this connection is known to be dead: only its statement goes on in the server. */
  readonly orphaned: boolean
  /** What it holds where that is more than table locks: `FLUSH TABLES WITH READ LOCK`, or the prepared XA transaction, which has no connection. */
  readonly holds?: string
  /** Where the lock is a lease: the seconds until it ends unless it is renewed, and whether its process is known to have ended. */
  readonly lease?: { readonly left: number; readonly isDead: boolean }
}
