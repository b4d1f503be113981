/** `-- wwdb:accept CODE reason`: a hazard that its author has weighed. The reason is never empty. */
export interface AcceptedHazard {
  readonly code: string
  readonly reason: string
  readonly line: number
}

/** `-- wwdb:nolint CODE reason [until DATE]`: a review finding that its author has considered. It allows no hazard. */
export interface Suppression {
  readonly code: string
  readonly reason: string
  /** The last day on which it applies, as `2027-03-01`; null for no end. */
  readonly until: string | null
  readonly line: number
  /** `file` above the first part; `next` inside a part: then it is about the next statement. */
  readonly scope: 'file' | 'next'
}
