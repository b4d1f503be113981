import { compareVersions } from '../../core/version.ts'
import type { MigrationState, Pass } from '../journal.ts'
import type { JournalSnapshot } from '../ports.ts'

/** What the journal says, by version. The latest pass of a version decides. */
export interface JournalState {
  readonly states: ReadonlyMap<string, MigrationState>
  /** Versioned migrations up to this one count as applied; null without a baseline. */
  readonly baseline: string | null
  /** The highest version that is applied or under way; null when there is none. */
  readonly highest: string | null
  readonly nextPass: number
}

function stateOf(pass: Pass): MigrationState {
  const complete = pass.closed >= pass.total && pass.open === 0
  if (pass.direction === 'up') return complete ? { type: 'applied', pass } : { type: 'partial', pass }
  return complete ? { type: 'pending' } : { type: 'reverting', pass }
}

/** True when no statement of the migration's latest pass ran, and none may have. */
export function ranNothing(state: MigrationState): boolean {
  return state.type === 'pending' || (state.type === 'partial' && state.pass.closed === 0 && state.pass.open === 0)
}

/** A baseline takes over what was tried before it and did not run: the database held it already. */
function coverAttempts(states: Map<string, MigrationState>, baseline: string): void {
  for (const [version, state] of states) {
    if (!version.startsWith('R__') && ranNothing(state) && compareVersions(version, baseline) <= 0)
      states.delete(version)
  }
}

/** Folds the passes, in order, into the present state of every version. */
export function readStates(snapshot: JournalSnapshot): JournalState {
  const states = new Map<string, MigrationState>()
  let baseline: string | null = null
  let highest: string | null = null
  for (const pass of snapshot.passes) {
    if (pass.kind === 'baseline') {
      baseline = pass.direction === 'up' ? pass.version : null
      if (baseline !== null) coverAttempts(states, baseline)
    } else if (pass.kind !== 'seed') states.set(pass.version, stateOf(pass))
  }
  for (const [version, state] of states) {
    const counts = state.type !== 'pending' && !version.startsWith('R__')
    if (counts && (highest === null || compareVersions(version, highest) > 0)) highest = version
  }
  if (baseline !== null && (highest === null || compareVersions(baseline, highest) > 0)) highest = baseline
  return { states, baseline, highest, nextPass: (snapshot.passes.at(-1)?.pass ?? 0) + 1 }
}

/** True when the version was there before wwdb: it is at or below the baseline and has no pass of its own. */
export function isBaselined(state: JournalState, version: string): boolean {
  return state.baseline !== null && !state.states.has(version) && compareVersions(version, state.baseline) <= 0
}
