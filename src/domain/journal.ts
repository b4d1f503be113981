/** One pass of a migration in one direction, as the journal table holds it, summed over its statements. */
export interface Pass {
  readonly pass: number
  readonly version: string
  readonly name: string
  readonly kind: 'versioned' | 'repeatable' | 'data' | 'baseline' | 'mark'
  readonly direction: 'up' | 'down'
  readonly checksum: string
  /** Statements in the whole script. */
  readonly total: number
  /** Statements closed. The pass is complete when `closed` equals `total`. */
  readonly closed: number
  readonly open: number
  /** UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`. */
  readonly openedAt: string
  readonly closedAt: string | null
  readonly milliseconds: number
  readonly appliedBy: string
  readonly toolVersion: string
}

/** One statement's row of a pass that is not complete. */
export interface JournalRow {
  readonly pass: number
  readonly statement: number
  readonly state: 'open' | 'closed'
  readonly hash: string
  /** Verb and objects, for people; never the text, which may hold secrets. */
  readonly summary: string
  readonly class: string
  readonly connectionId: number
  readonly fingerprint: string | null
  readonly openedAt: string
}

/** What the journal says of one migration of a target. */
export type MigrationState =
  | { readonly type: 'pending' }
  | { readonly type: 'applied'; readonly pass: Pass }
  | { readonly type: 'partial'; readonly pass: Pass }
  | { readonly type: 'reverting'; readonly pass: Pass }
