/** A table that is held under another name. */
export interface HeldName {
  /** Its own name. */
  readonly name: string
  /** The time until which it is kept at least. */
  readonly until: string
  /** True where that has passed by this machine's clock. */
  readonly isDue: boolean
  /** True where an online change keeps it; else `drift --revert` renamed it. */
  readonly isOnline: boolean
  /** Where a batch keeps rows in it; absent for all others. */
  readonly undo?: true
}
