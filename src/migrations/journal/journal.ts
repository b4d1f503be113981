import { compareVersions } from '../../core/version.ts'
import type { BatchProgress } from '../../operate/batches/walk-table.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { JournalSnapshot } from './rows.ts'

/** Values that live in a connection: a resumed run restores them in its new one. */
export interface SessionMemory {
  /** Null where it does not matter. Otherwise the current value of LAST_INSERT_ID() is recorded. */
  readonly lastInsertId: string | null
  /** User variables by name (lower case), as SQL literals. */
  readonly variables: Readonly<Record<string, string>>
  /** For variables with secrets, a few digits of a digest, which recognize the value but do not reveal it; absent where there are none. */
  readonly hidden?: Readonly<Record<string, string>>
}

/** One pass of a migration in one direction, as the journal table holds it, summed over its statements. */
export interface Pass {
  readonly pass: number
  readonly version: string
  readonly name: string
  /** `adopted`: another tool ran it; its checksum is that of the file that was converted from the other tool's. */
  readonly kind: 'versioned' | 'repeatable' | 'data' | 'baseline' | 'mark' | 'adopted' | 'seed' | 'squash' | 'drift'
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

/** A table, or a column of an existing one, that was missing before a CALL which may create it. */
export interface MissingBefore {
  readonly table: string
  /** Null for the table itself. */
  readonly column: string | null
}

/** One statement's row of a pass that is not complete. */
export interface JournalRow {
  readonly pass: number
  readonly statement: number
  /** `entered`: a CALL that has begun, and committed something on its own; a batch of which chunks are committed. */
  readonly state: 'open' | 'entered' | 'closed' | 'failed'
  readonly hash: string
  /** Verb and objects, for people; never the text, which may hold secrets. */
  readonly summary: string
  readonly class: string
  readonly connectionId: number
  /** Digest of the named objects' definitions before it ran; null where comparing proves nothing. */
  readonly fingerprint: string | null
  readonly objects: readonly ObjectName[]
  /** For a CALL: what was missing before it, of what it may create. */
  readonly missing?: readonly MissingBefore[]
  /** Of a definition in a keyspace: the shards of which the fingerprint is; absent in rows of earlier versions of wwdb. */
  readonly shards?: readonly string[]
  /** True when the fingerprint includes the tables' identity. */
  readonly identity: boolean
  /** The kind of identity; absent where there is none, and in rows of earlier versions of wwdb. */
  readonly identifiedBy?: 'number' | 'second'
  /** UUID of the server to whose numbers the identity refers; absent where there is none. */
  readonly server?: string
  /** What the session contained after it, to be restored when a run resumes. */
  readonly memory: SessionMemory | null
  /** Why it failed, for `failed`. */
  readonly error: string | null
  readonly runner: string
  readonly openedAt: string
  /** The progress of a batch; absent for all other statements. */
  readonly batch?: BatchProgress
}

/** What the journal records about one migration of a target. */
export type MigrationState =
  | { readonly type: 'pending' }
  | { readonly type: 'applied'; readonly pass: Pass }
  | { readonly type: 'partial'; readonly pass: Pass }
  | { readonly type: 'reverting'; readonly pass: Pass }

/** What the journal records, by version. The latest pass of a version decides. */
export interface JournalState {
  readonly states: ReadonlyMap<string, MigrationState>
  /** Versioned migrations up to this one count as applied; null without a baseline. */
  readonly baseline: string | null
  /** The highest version that is applied or in progress; null when there is none. */
  readonly highest: string | null
  readonly nextPass: number
}

function stateOf(pass: Pass): MigrationState {
  const complete = pass.closed >= pass.total && pass.open === 0
  if (pass.direction === 'up') return complete ? { type: 'applied', pass } : { type: 'partial', pass }
  return complete ? { type: 'pending' } : { type: 'reverting', pass }
}

/** True for a migration that was to count as applied without being run, and whose row was not closed: the next run with the lock finds out. */
export function isStoppedMark({ kind, direction, closed, open }: Pass): boolean {
  return kind === 'mark' && direction === 'up' && closed === 0 && open > 0
}

/** True when no statement of the migration's latest pass ran, and none may have. */
export function ranNothing(state: MigrationState): boolean {
  return state.type === 'pending' || (state.type === 'partial' && state.pass.closed === 0 && state.pass.open === 0)
}

/** A baseline takes over what was tried before it and did not run: the database contained it already. */
function coverAttempts(states: Map<string, MigrationState>, baseline: string): void {
  for (const [version, state] of states) {
    if (!version.startsWith('R__') && ranNothing(state) && compareVersions(version, baseline) <= 0)
      states.delete(version)
  }
}

/**
 * True for a rollback that ended before it changed anything: its first statement failed, or the first after those that set the session. A CALL that
 * committed before it failed is left open, and counts as a change. A migration of shards is one row; only the ledger knows its shards.
 */
export function revertedNothing(pass: Pass, rows: readonly JournalRow[]): boolean {
  if (pass.direction === 'up' || pass.open > 0 || pass.closed >= pass.total) return false
  const own = rows.filter((row) => row.pass === pass.pass)
  const closed = own.filter((row) => row.state === 'closed')
  if (closed.length !== pass.closed || closed.some((row) => row.class !== 'session')) return false
  return own.length > 0 && own.every((row) => row.class !== 'module' || pass.kind === 'data')
}

/** Folds the passes, in order, into the current state of every version. */
export function readStates(snapshot: JournalSnapshot): JournalState {
  const states = new Map<string, MigrationState>()
  let baseline: string | null = null
  let highest: string | null = null
  for (const pass of snapshot.passes) {
    if (pass.kind === 'baseline') {
      baseline = pass.direction === 'up' ? pass.version : null
      if (baseline !== null) coverAttempts(states, baseline)
    } else if (pass.kind !== 'seed' && pass.kind !== 'drift' && !revertedNothing(pass, snapshot.rows))
      states.set(pass.version, stateOf(pass))
  }
  for (const [version, state] of states) {
    const counts = state.type !== 'pending' && !version.startsWith('R__')
    if (counts && (highest === null || compareVersions(version, highest) > 0)) highest = version
  }
  if (baseline !== null && (highest === null || compareVersions(baseline, highest) > 0)) highest = baseline
  return { states, baseline, highest, nextPass: (snapshot.passes.at(-1)?.pass ?? 0) + 1 }
}

/** True when the version existed before wwdb: it is at or below the baseline and has no pass of its own. */
export function isBaselined(state: JournalState, version: string): boolean {
  return state.baseline !== null && !state.states.has(version) && compareVersions(version, state.baseline) <= 0
}
