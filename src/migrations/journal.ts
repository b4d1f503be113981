import type { ObjectName } from '../sql/statement.ts'

/** Values that live in a connection: what a resumed run gives back to its new one. */
export interface SessionMemory {
  /** Null where it does not matter. When it does, what is written down is what LAST_INSERT_ID() gives at that moment. */
  readonly lastInsertId: string | null
  /** User variables by name (lower case), as SQL literals. */
  readonly variables: Readonly<Record<string, string>>
}

/** One pass of a migration in one direction, as the journal table holds it, summed over its statements. */
export interface Pass {
  readonly pass: number
  readonly version: string
  readonly name: string
  readonly kind: 'versioned' | 'repeatable' | 'data' | 'baseline' | 'mark' | 'seed'
  readonly direction: 'up' | 'down'
  readonly checksum: string
  /** Statements in the whole script. */
  readonly total: number
  /** Statements closed: always the first ones. The pass is complete when `closed` equals `total`. */
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
  /** `entered`: a CALL that has begun, and committed something on its own. */
  readonly state: 'open' | 'entered' | 'closed' | 'failed'
  readonly hash: string
  /** Verb and objects, for people; never the text, which may hold secrets. */
  readonly summary: string
  readonly class: string
  readonly connectionId: number
  /** Digest of the named objects' definitions before it ran; null where looking is no help. */
  readonly fingerprint: string | null
  readonly objects: readonly ObjectName[]
  /** True when the fingerprint holds the tables' identity, too. */
  readonly identity: boolean
  /** UUID of the server whose numbers the identity is made of; absent where there is none. */
  readonly server?: string
  /** What the connection remembered after it, to be restored when a run resumes. */
  readonly memory: SessionMemory | null
  /** Why it failed, for `failed`. */
  readonly error: string | null
  readonly runner: string
  readonly openedAt: string
}

/** What the journal says of one migration of a target. */
export type MigrationState =
  | { readonly type: 'pending' }
  | { readonly type: 'applied'; readonly pass: Pass }
  | { readonly type: 'partial'; readonly pass: Pass }
  | { readonly type: 'reverting'; readonly pass: Pass }
