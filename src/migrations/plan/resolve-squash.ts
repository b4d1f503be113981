import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { type JournalState, type MigrationState, ranNothing } from '../journal/journal.ts'
import type { Migration, MigrationReference, Squash } from '../migration.ts'
import type { DatabaseState } from './database-state.ts'

/** The files that apply to one database, and its journal without what a squashed file stands for. */
export interface Resolution {
  readonly all: readonly Migration[]
  readonly state: JournalState
  /** The squashed file, where the database has run files that it replaced: it is recorded once all of them have run. */
  readonly record: Migration | null
  readonly faults: readonly Fault[]
}

type Squashed = Migration & { readonly squashes: Squash }

const isSquashed = (migration: Migration): migration is Squashed => migration.squashes !== undefined

/**
 * Decides which files a database follows. A fresh one runs the squashed file; one that has run some of the old files runs the rest of
 * them, and then the squashed one is recorded. Pure.
 */
export function resolveSquash(files: readonly Migration[], state: JournalState): Resolution {
  const resolved = resolve(files, state)
  return { ...resolved, state: adoptUndone(resolved.all, resolved.record, resolved.state) }
}

function resolve(files: readonly Migration[], state: JournalState): Resolution {
  const squash = files.find(isSquashed)
  if (squash === undefined) return { all: files, state, record: null, faults: [] }
  const { versions, files: old } = squash.squashes
  const own = state.states.get(squash.version)
  const others = versions.filter((version) => version !== squash.version)
  if (own !== undefined && isBySquash(own)) return asItIs(files, hide(state, others))
  const floor = floorOf(state)
  const isCovered = (version: string): boolean => floor !== null && compareVersions(version, floor) <= 0
  if (isCovered(squash.version)) return asItIs(files, hide({ ...state, baseline: floor }, versions))
  const isDone = (version: string): boolean => isCovered(version) || state.states.get(version)?.type === 'applied'
  const began = (version: string): boolean => isDone(version) || !ranNothing(state.states.get(version) ?? pending)
  if (!versions.some(began)) return asItIs(files, hide(state, versions))
  if (old !== null) {
    const inner = resolve(old, state)
    return { ...inner, all: [...inner.all, ...files.filter((file) => file !== squash)], record: squash }
  }
  const missing = versions.filter((version) => !isDone(version))
  const faults = missing.length === 0 ? [] : [goneFault(squash, missing)]
  return { all: files, state: hide(state, others), record: null, faults }
}

const pending: MigrationState = { type: 'pending' }

function asItIs(files: readonly Migration[], state: JournalState): Resolution {
  return { all: files, state, record: null, faults: [] }
}

/** True where the latest pass of the version is that of a squashed file, run or recorded. */
export function isBySquash(state: MigrationState): boolean {
  return state.type !== 'pending' && state.pass.kind === 'squash'
}

/** The version up to which everything counts as applied: through a baseline, or through a squashed file. */
function floorOf({ states, baseline }: JournalState): string | null {
  const squashed = [...states]
    .filter(([, one]) => one.type === 'applied' && isBySquash(one))
    .map(([version]) => version)
  const all = baseline === null ? squashed : [...squashed, baseline]
  return all.toSorted(compareVersions).at(-1) ?? null
}

function hide(state: JournalState, versions: readonly string[]): JournalState {
  const states = new Map(state.states)
  for (const version of versions) states.delete(version)
  return { ...state, states }
}

/** A squash that was undone: the squashed file counts as a baseline for the restored files. */
function adoptUndone(all: readonly Migration[], record: Migration | null, state: JournalState): JournalState {
  const present = new Set(
    [...all.filter(isSquashed), ...(record === null ? [] : [record])].map(({ version }) => version),
  )
  const undone = [...state.states]
    .filter(([version, one]) => one.type === 'applied' && isBySquash(one) && !present.has(version))
    .map(([version]) => version)
  if (undone.length === 0) return state
  const [last] = [...undone, ...(state.baseline === null ? [] : [state.baseline])].toSorted(compareVersions).slice(-1)
  return { ...hide(state, undone), baseline: last ?? null }
}

function goneFault(squash: Migration, missing: readonly string[]): Fault {
  const { database, file, version } = squash
  const what =
    missing.length === 1 ? `has not run ${missing[0]}` : `has run some of them, but not ${missing.join(', ')}`
  return {
    what: `\`${file}\` replaced older migrations, but \`${database}\` ${what}.`,
    where: { file, database },
    why: 'The folder `squashed` with their files is gone.',
    next: `Restore the folder (from version control) until this database has ${version}.`,
  }
}

/** Finds the migration that counts in a database for another one: itself, or the squashed file that replaced it there. */
export function counterparts(around: readonly DatabaseState[]): (reference: MigrationReference) => MigrationReference {
  const places = new Map(
    around.flatMap(({ database, all }) => {
      const squash = all.find(isSquashed)
      return squash === undefined ? [] : [[database.name, { squash, own: new Set(all.map(({ version }) => version)) }]]
    }),
  )
  return (reference) => {
    const place = places.get(reference.database)
    if (place === undefined || place.own.has(reference.version)) return reference
    const { squash } = place
    return squash.squashes.versions.includes(reference.version) ? { ...reference, version: squash.version } : reference
  }
}
