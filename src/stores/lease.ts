/** What an applier asks for. */
export interface LeaseClaim {
  /** Random: what tells this applier from every other one. */
  readonly owner: string
  /** For people: `deploy@host, process 4711`. */
  readonly holder: string
  /** How long it holds from each renewal on, in milliseconds. */
  readonly milliseconds: number
}

/** Who holds the lock of a store, in milliseconds of the store's own clock. */
export interface LeaseHolder {
  readonly holder: string
  readonly heldFor: number
  /** Until its end; not above 0 once another run may take it over. */
  readonly left: number
}

/** - `no-place` the store cannot hold anything yet: it is not set up, and the first change is what does that. */
export type LeaseAnswer =
  | { readonly type: 'taken' }
  | { readonly type: 'held'; readonly by: LeaseHolder | null }
  | { readonly type: 'no-place' }

/** Where a store keeps the lock of its appliers. Each method is one atomic step there; times are those of the store's clock. */
export interface LeasePlace {
  /** Takes it where nobody holds it, or where the holder has let its end pass. */
  readonly take: (claim: LeaseClaim) => Promise<LeaseAnswer>
  /** Moves its end on; false where another applier has taken it over. */
  readonly renew: (claim: LeaseClaim) => Promise<boolean>
  /** Gives it back, where it is still the claimant's. */
  readonly release: (claim: LeaseClaim) => Promise<void>
  /** Writes nothing. */
  readonly read: () => Promise<LeaseHolder | null>
}
