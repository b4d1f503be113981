import { type Fault, ToolError } from '../../core/tool-error.ts'
import { canonicalVersion } from '../../migrations/files/migration-name.ts'
import type { CodeDirection, CodeFolder, CodeMigration, Journal, JournalEntry } from './ports.ts'

/** What is asked of a run. */
export interface MigrationRequest {
  readonly direction: CodeDirection
  /** Up to and with this version; down to it, which stays applied. */
  readonly to: string | null
  /** The most migrations of each database; null for all. */
  readonly steps: number | null
  /** What migrate-mongo has applied is recorded as applied first. */
  readonly adopt: boolean
}

/** A migration to be run, before it is known what its file exports. */
interface PlannedMigration {
  readonly migration: CodeMigration
  readonly continued: number | null
}

export interface MigrationPlan {
  readonly adopted: readonly CodeMigration[]
  readonly steps: readonly PlannedMigration[]
  /** How many are applied before the run. */
  readonly applied: number
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
 * @throws ToolError PLAN_IMPOSSIBLE, UNKNOWN_VERSION.
 */
export function planMigrations(folder: CodeFolder, journal: Journal, request: MigrationRequest): MigrationPlan {
  const adopted = findAdopted(folder, journal, request.adopt)
  const versions = new Set(adopted.map(({ version }) => version))
  const known = compareWithJournal(folder, journal).map((one) =>
    versions.has(one.version) ? { ...one, state: 'applied' as const } : one,
  )
  const faults = known.flatMap((one) => findFault(folder.name, one, request.direction))
  if (faults.length > 0) throw new ToolError('PLAN_IMPOSSIBLE', faults)
  const bound = readBound(known, request.to)
  const chosen = request.direction === 'up' ? chooseUp(known, bound) : chooseDown(known, bound, request.steps)
  const steps = request.steps === null ? chosen : chosen.slice(0, request.steps)
  return {
    adopted,
    steps: steps.flatMap(({ migration, entry, state }) =>
      migration === null ? [] : [{ migration, continued: state === 'open' ? (entry?.documents ?? 0) : null }],
    ),
    applied: known.filter(({ state }) => state === 'applied').length,
  }
}

function chooseUp(known: readonly KnownMigration[], bound: number | null): readonly KnownMigration[] {
  return known.filter(
    ({ state, version }) => (state === 'pending' || state === 'open') && (bound === null || Number(version) <= bound),
  )
}

/** The latest one where neither a number nor a version is given. */
function chooseDown(
  known: readonly KnownMigration[],
  bound: number | null,
  steps: number | null,
): readonly KnownMigration[] {
  const there = known.filter(({ state }) => state !== 'pending').toReversed()
  if (bound !== null) return there.filter(({ version }) => Number(version) > bound)
  return there.slice(0, steps ?? 1)
}

function readBound(known: readonly KnownMigration[], to: string | null): number | null {
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

function findFault(
  database: string,
  { state, entry, migration, version }: KnownMigration,
  direction: CodeDirection,
): readonly Fault[] {
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

/** `20160608155948-blacklist_the_beatles.js` is the version and name of `20160608155948_blacklist_the_beatles.ts`. */
function keyOf(fileName: string): string {
  return fileName.replace(/\.[a-z]+$/i, '').replace(/^(\d+)[-_]/, '$1_')
}

/** The files that migrate-mongo has applied and the journal does not know. */
function findAdopted({ name, migrations }: CodeFolder, journal: Journal, adopt: boolean): readonly CodeMigration[] {
  const known = new Set(journal.entries.map(({ version }) => canonicalVersion(version)))
  const applied = journal.changelog.filter(({ fileName }) => {
    const version = /^\d+/.exec(fileName)?.[0]
    return version === undefined || !known.has(canonicalVersion(version))
  })
  if (applied.length === 0) return []
  if (!adopt) throw notAdopted(name, applied.length)
  if (journal.changelogLocked) throw foreignLock(name)
  const byKey = new Map(migrations.map((one) => [`${one.version}_${one.name}`, one]))
  const missing = applied.filter(({ fileName }) => !byKey.has(keyOf(fileName)))
  if (missing.length > 0) {
    throw new ToolError(
      'PLAN_IMPOSSIBLE',
      missing.map(({ fileName }) => ({
        what: `migrate-mongo has applied \`${fileName}\`, and no file has its version and name.`,
        where: { database: name },
        next: `Move the file to the folder of \`${name}\` as \`${keyOf(fileName)}.js\` (or .ts, .mjs), then run the command again.`,
      })),
    )
  }
  return applied.flatMap(({ fileName }) => byKey.get(keyOf(fileName)) ?? [])
}

function notAdopted(database: string, count: number): ToolError {
  return new ToolError('PLAN_IMPOSSIBLE', {
    what: `migrate-mongo has applied ${count} migrations to \`${database}\` that the journal does not have.`,
    where: { database },
    why: 'Its collection `changelog` names them. Without them wwdb would apply them a second time.',
    next: 'Record them as applied with `wwdb setup migrate --adopt`; `--dry-run` shows what it would do. Run migrate-mongo no more.',
  })
}

function foreignLock(database: string): ToolError {
  return new ToolError('PLAN_IMPOSSIBLE', {
    what: `migrate-mongo holds its lock in \`${database}\`, or was killed while it held it.`,
    where: { database },
    why: 'Its collection `changelog_lock` has a document.',
    next: 'Wait until it has ended; if it was killed, remove the document. Then run the command again.',
  })
}
