/** The row of a lease, as the database shows it. Times are differences by the database's own clock: no other clock is asked. */
export interface LeaseRow {
  /** Grows with each run that takes it: what a run writes is fenced by its own. */
  readonly token: string
  /** Random: what tells a run from every other one. Empty where the last one gave it back. */
  readonly owner: string
  /** `ann@build-7`, and `host:process`. */
  readonly person: string
  readonly runner: string
  readonly connectionId: number
  /** Milliseconds since it was taken, and until it ends; below 0 once another run may take it. */
  readonly heldFor: number
  readonly left: number
}

/** What an attempt to take a lease has come to. */
export type LeaseAttempt =
  | { readonly type: 'taken'; readonly token: string }
  | { readonly type: 'waiting'; readonly row: LeaseRow | null }

/**
 * Judges an attempt by what is read after its commit, not by how many rows it is said to have changed: an answer may be lost, and repeated.
 * @param row null where there is none any more
 */
export function judgeAttempt(row: LeaseRow | null, owner: string): LeaseAttempt {
  return row !== null && row.owner === owner ? { type: 'taken', token: row.token } : { type: 'waiting', row }
}

/** Milliseconds after the last renewal at which another run may take it. */
export const usualLease = 15_000

/** Milliseconds that a lease lasts beyond what a definition may wait for locks. */
const margin = 10_000

/** How long a lease must last when a definition is sent, which no fence reaches: longer than it waits for locks. */
export const leaseFor = (lockWait: number): number => Math.max(usualLease, lockWait + margin)
