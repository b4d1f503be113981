/** `-- wwdb:accept CODE reason`: a hazard that its author has weighed. The reason is never empty. */
export interface AcceptedHazard {
  readonly code: string
  readonly reason: string
  readonly line: number
}

/** `-- wwdb:nolint CODE reason [until DATE]`: a finding of review that its author has weighed. It allows no hazard. */
export interface Suppression {
  readonly code: string
  readonly reason: string
  /** The last day on which it counts, as `2027-03-01`; null for good. */
  readonly until: string | null
  readonly line: number
  /** `file` above the first part; `next` inside one: then it is about the statement that follows it. */
  readonly scope: 'file' | 'next'
}
