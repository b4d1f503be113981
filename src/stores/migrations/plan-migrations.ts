import { type Fault, ToolError } from '../../core/tool-error.ts'
import { canonicalVersion } from '../../migrations/files/migration-name.ts'
import { findAdopted } from './find-adopted.ts'
import type { AdoptedMigration, CodeDirection, CodeFolder, CodeMigration, Journal, JournalEntry } from './ports.ts'

/** What is asked of a run. */
export interface MigrationRequest {
  readonly direction: CodeDirection
  /** Up to and with this version; down to it, which stays applied. */
  readonly to: string | null
  /** The most migrations of each database; null for all. */
  readonly steps: number | null
  /** What migrate-mongo has applied is recorded as applied first. */
  readonly adopt: boolean
  /** What happens to a file that sorts before an applied one. */
  readonly outOfOrder: 'fail' | 'warn' | 'allow'
}

/** The request, as one database is planned by it. */
interface PlanRequest extends Omit<MigrationRequest, 'to'> {
  /** The version of `to`; null where there is none. */
  readonly bound: number | null
  /** The only versions to be taken back, as they were confirmed; null where nothing was confirmed yet. */
  readonly only: ReadonlySet<string> | null
}

/** A migration to be run, before it is known what its file exports. */
interface PlannedMigration {
  readonly migration: CodeMigration
  /** What the journal has of it; null where it has nothing. */
  readonly entry: JournalEntry | null
}

export interface MigrationPlan {
  readonly adopted: readonly AdoptedMigration[]
  readonly steps: readonly PlannedMigration[]
  /** How many are applied before the run. */
  readonly applied: number
  /** What is worth a look, and no fault. */
  readonly notes: readonly string[]
}

export type CodeMigrationState = 'applied' | 'pending' | 'open' | 'changed' | 'file-missing'

/** One version of a database: its file, and what the journal says of it. */
export interface KnownMigration {
  readonly version: string
  readonly state: CodeMigrationState
  readonly migration: CodeMigration | null
  readonly entry: JournalEntry | null
}

/** By number, so that `0002` and `2` are the same place. */
export function byVersion(a: { readonly version: string }, b: { readonly version: string }): number {
  return Number(a.version) - Number(b.version)
}

/** Every version that a file or the journal has, in order. Pure. */
export function compareWithJournal({ migrations }: CodeFolder, { entries }: Journal): readonly KnownMigration[] {
  const known = new Map<string, KnownMigration>()
  for (const migration of migrations) {
    const { version } = migration
    known.set(canonicalVersion(version), { version, state: 'pending', migration, entry: null })
  }
  for (const entry of entries) {
    const key = canonicalVersion(entry.version)
    const migration = known.get(key)?.migration ?? null
    known.set(key, { version: entry.version, state: stateOf(entry, migration), migration, entry })
  }
  return [...known.values()].toSorted(byVersion)
}

function stateOf(entry: JournalEntry, migration: CodeMigration | null): CodeMigrationState {
  if (entry.state === 'open') return 'open'
  if (migration === null) return 'file-missing'
  return entry.checksum === null || entry.checksum === migration.checksum ? 'applied' : 'changed'
}

/**
 * What a run does in one database. Pure.
 * @throws ToolError PLAN_IMPOSSIBLE.
 */
export function planMigrations(folder: CodeFolder, journal: Journal, request: PlanRequest): MigrationPlan {
  const { direction, outOfOrder } = request
  const adopted = findAdopted(folder, journal, request.adopt)
  const versions = new Set(adopted.map(({ version }) => version))
  const known = compareWithJournal(folder, journal).map((one) =>
    versions.has(one.version) ? { ...one, state: 'applied' as const } : one,
  )
  const steps = direction === 'up' ? chooseUp(known, request) : chooseDown(known, request)
  // What was applied long ago, and is not taken back now, need not have a file.
  const judged = direction === 'up' ? known : known.filter((one) => one.state === 'open' || steps.includes(one))
  const late = direction === 'up' && outOfOrder !== 'allow' ? findLate(known, steps) : []
  const faults = judged.flatMap((one) => findFault(folder.name, one, direction))
  if (outOfOrder === 'fail') faults.push(...late.map((one) => lateFault(folder.name, one)))
  if (faults.length > 0) throw new ToolError('PLAN_IMPOSSIBLE', faults)
  return {
    adopted,
    steps: steps.flatMap(({ migration, entry }) => (migration === null ? [] : [{ migration, entry }])),
    applied: known.filter(({ state }) => state === 'applied').length,
    notes: late.map(({ migration, highest }) => `\`${migration.file}\` runs out of order: ${highest} ran before it.`),
  }
}

function chooseUp(known: readonly KnownMigration[], { bound, steps }: PlanRequest): readonly KnownMigration[] {
  const chosen = known.filter(
    ({ state, version }) => (state === 'pending' || state === 'open') && (bound === null || Number(version) <= bound),
  )
  return steps === null ? chosen : chosen.slice(0, steps)
}

/** The latest one where neither a number nor a version is given. */
function chooseDown(known: readonly KnownMigration[], { bound, steps, only }: PlanRequest): readonly KnownMigration[] {
  const there = known.filter(({ state }) => state !== 'pending').toReversed()
  // What another run has taken back by now does not make room for the one below it.
  if (only !== null) return there.filter(({ version }) => only.has(canonicalVersion(version)))
  if (bound !== null) return there.filter(({ version }) => Number(version) > bound)
  return there.slice(0, steps ?? 1)
}

/**
 * The version of `to`, which one database has at least: the others go as far. Pure.
 * @throws ToolError UNKNOWN_VERSION.
 */
export function readBound(known: readonly KnownMigration[], to: string | null): number | null {
  if (to === null) return null
  // Before the first one.
  if (/^0+$/.test(to)) return 0
  const found = known.find(({ version }) => canonicalVersion(version) === canonicalVersion(to))
  if (found !== undefined) return Number(found.version)
  throw new ToolError('UNKNOWN_VERSION', {
    what: `No migration of MongoDB has the version \`${to}\`.`,
    next: 'See the versions with `wwdb setup migrations`.',
  })
}

interface LateMigration {
  readonly migration: CodeMigration
  /** The highest version that is applied. */
  readonly highest: string
}

function findLate(known: readonly KnownMigration[], steps: readonly KnownMigration[]): readonly LateMigration[] {
  const highest = known.findLast(({ state }) => state === 'applied' || state === 'changed' || state === 'file-missing')
  if (highest === undefined) return []
  return steps.flatMap(({ state, migration, version }) =>
    state === 'pending' && migration !== null && Number(version) < Number(highest.version)
      ? [{ migration, highest: highest.version }]
      : [],
  )
}

function lateFault(database: string, { migration, highest }: LateMigration): Fault {
  return {
    what: `\`${migration.file}\` sorts before ${highest}, which is already applied to \`${database}\`.`,
    where: { file: migration.file, database },
    why: 'It was merged late: databases that ran it in order may differ from one that runs it now.',
    next: 'Give it a new version after the last one (rename the file), or run with `--out-of-order allow`.',
  }
}

function findFault(
  database: string,
  { state, entry, migration, version }: KnownMigration,
  direction: CodeDirection,
): Fault[] {
  if (entry === null) return []
  const where = { database, file: migration?.file ?? entry.file }
  if (state === 'open' && entry.direction !== direction) {
    const command = entry.direction === 'up' ? 'migrate' : 'rollback'
    return [
      {
        what: `${version} was begun by \`wwdb setup ${command}\` and is not finished.`,
        where,
        why: `Its walk has passed ${entry.documents} documents.`,
        next: `Run \`wwdb setup ${command}\` first: it continues there.`,
      },
    ]
  }
  if (state === 'changed') {
    return [
      {
        what: `${version} was changed after it was applied.`,
        where,
        why: 'What it made is not what its file says.',
        next: 'Restore the file as it was applied, and write a new migration for the change.',
      },
    ]
  }
  if ((state === 'open' || direction === 'down') && migration === null) {
    return [
      {
        what: `The file of ${version} is missing.`,
        where,
        next: `Restore \`${entry.file}\`, then run the command again.`,
      },
    ]
  }
  return []
}
