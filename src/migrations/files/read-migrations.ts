import { join } from 'node:path'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { Migration } from '../migration.ts'
import { findStoppedRebase } from './carry-out-rebase.ts'
import { resolveDependencies } from './dependencies.ts'
import type { FilesAhead } from './files-ahead.ts'
import { displayPath, listFolder, type MigrationEntry, type MigrationFolder } from './folder.ts'
import { canonicalVersion, isFault, sumFileName } from './migration-name.ts'
import { type FileReading, type IsKnownFile, readSourceFile, type SourceFile } from './source-file.ts'
import { findSquashFaults, isSquashed, listSquashed, squashedOf } from './squashed.ts'
import { findSumFaults, readSumFile, type Sum } from './sum.ts'

export interface MigrationRequest {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly MigrationFolder[]
  /** `ignore` when wwdb.sum is about to be written again. Default `check`. */
  readonly sums?: 'check' | 'ignore'
  /**
   * With `unvouched`, files whose checksum wwdb.sum lists, or that `isApplied` knows, are split only when their statements
   * are first needed, which throws ToolError `MIGRATIONS_INVALID` if they are invalid after all; `all` splits every file
   * now. Default `unvouched`.
   */
  readonly check?: 'unvouched' | 'all'
  /** Whether a journal has the version applied from a file of this checksum. */
  readonly isApplied?: (database: string, version: string, checksum: string) => boolean
  /** Databases whose faults count: those of other folders do not stop work that does not need their files. Default: all. */
  readonly chosen?: ReadonlySet<string>
  /** What was read of these folders before. */
  readonly ahead?: FilesAhead
}

/** The migrations of every logical database, in the order in which they run: versions as numbers, then repeatable ones. */
export interface MigrationSet {
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
}

/** Migrations with their faults. */
export interface MigrationReport extends MigrationSet {
  readonly faults: readonly Fault[]
  readonly files: number
}

/** Reads, splits and checks all migrations. Throws ToolError `MIGRATIONS_INVALID` with every fault of every file. */
export async function readMigrations(request: MigrationRequest): Promise<MigrationSet> {
  const report = await inspectMigrations(request)
  if (report.faults.length > 0) throw new ToolError('MIGRATIONS_INVALID', report.faults)
  return { migrations: report.migrations }
}

/** Does the same without throwing: files that cannot be read or have invalid names are absent from the migrations. */
export async function inspectMigrations(request: MigrationRequest): Promise<MigrationReport> {
  const databases = request.databases.map((folder) => folder.name)
  const isChosen = (name: string): boolean => request.chosen?.has(name) ?? true
  const files = new Map<string, readonly SourceFile[]>()
  const squashed = new Map<string, readonly SourceFile[]>()
  const stopped = findStoppedRebase(request.root)
  const faults: Fault[] = stopped === null ? [] : [stopped]
  for (const folder of request.databases) {
    const reading = await readFolder(folder, request, databases)
    files.set(folder.name, reading.files)
    const old = await readSquashed(folder, request, databases, reading.files)
    if (old.files !== null) squashed.set(folder.name, old.files)
    if (isChosen(folder.name)) faults.push(...reading.faults, ...old.faults)
  }
  const dependencies = resolveDependencies(files, squashed)
  const others = request.databases
    .filter(({ name }) => !isChosen(name))
    .map(({ directory }) => displayPath(request.root, directory))
  // What a chosen file needs from another database is its own fault.
  faults.push(...dependencies.faults.filter(({ where }) => !others.some((one) => where?.file?.startsWith(`${one}/`))))
  const make = (file: SourceFile): Migration => {
    const old = squashed.get(file.entry.database)
    const requires = dependencies.requires.get(file) ?? []
    // If two squashed files follow each other, the folder belongs to the last.
    const isLast = isSquashed(file) && files.get(file.entry.database)?.findLast(isSquashed) === file
    return makeMigration(file, requires, isLast && old !== undefined ? old.map(make) : null)
  }
  const migrations = new Map([...files].map(([database, list]) => [database, list.map(make)]))
  return { migrations, faults, files: [...files.values()].flat().length }
}

interface FolderReading {
  readonly files: readonly SourceFile[]
  readonly faults: readonly Fault[]
}

async function readFolder(
  folder: MigrationFolder,
  request: MigrationRequest,
  databases: readonly string[],
): Promise<FolderReading> {
  const { root, ahead } = request
  const listing = ahead?.takeListing(folder) ?? listFolder(folder, root)
  const entries = [...listing.entries].sort(compareEntries)
  const faults: Fault[] = [...listing.faults, ...findOrderFaults(entries)]
  const sum = request.sums === 'ignore' ? null : readSumFile(folder.directory, root)
  if (sum !== null && isFault(sum)) faults.push(sum)
  const listed = sum === null || isFault(sum) ? null : sum
  const isKnown: IsKnownFile = (entry, checksum) =>
    request.check !== 'all' &&
    (listed?.checksums.get(entry.name.fileName) === checksum ||
      request.isApplied?.(folder.name, entry.name.version, checksum) === true)
  const files = await readFiles(entries, { databases, isKnown, ahead }, faults)
  if (listed !== null) faults.push(...compareWithSum(listed, files, entries, folder, root))
  return { files, faults }
}

/** The files that a squashed one of this folder replaced; null where there is none, or their folder is gone. */
async function readSquashed(
  folder: MigrationFolder,
  request: MigrationRequest,
  databases: readonly string[],
  files: readonly SourceFile[],
): Promise<{ readonly files: readonly SourceFile[] | null; readonly faults: readonly Fault[] }> {
  const names = listSquashed(folder)
  const old =
    names === null || !files.some(isSquashed) ? null : await readFolder(squashedOf(folder), request, databases)
  const faults = findSquashFaults(folder, request.root, files, names, old?.files ?? null)
  return { files: old?.files ?? null, faults: [...(old?.faults ?? []), ...faults] }
}

async function readFiles(
  entries: readonly MigrationEntry[],
  how: FileReading,
  faults: Fault[],
): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = []
  for (const entry of entries) {
    const file = await readSourceFile(entry, how)
    if (isFault(file)) faults.push(file)
    else {
      faults.push(...file.faults)
      files.push(file)
    }
  }
  return files
}

/** A file that cannot be read has its own fault: wwdb.sum is not compared with it. */
function compareWithSum(
  sum: Sum,
  files: readonly SourceFile[],
  entries: readonly MigrationEntry[],
  folder: MigrationFolder,
  root: string,
): readonly Fault[] {
  const checksums = new Map<string, string>()
  for (const { name } of entries) checksums.set(name.fileName, sum.checksums.get(name.fileName) ?? '')
  for (const file of files) checksums.set(file.entry.name.fileName, file.checksum)
  const pathOf = (name: string): string => displayPath(root, join(folder.directory, name))
  return findSumFaults(sum, checksums, pathOf(sumFileName), pathOf)
}

/** The files of migrations, for parts that are split on demand. */
const sources = new WeakMap<Migration, SourceFile>()

/** The same getters for all migrations: with its own, each of 20,000 takes a kilobyte more. */
const lazyParts: Readonly<Record<'up' | 'down', PropertyDescriptor & ThisType<Migration>>> = {
  up: {
    get() {
      return sources.get(this)?.content().up
    },
    enumerable: true,
    configurable: true,
  },
  down: {
    get() {
      return sources.get(this)?.content().down
    },
    enumerable: true,
    configurable: true,
  },
}

function makeMigration(file: SourceFile, requires: Migration['requires'], old: readonly Migration[] | null): Migration {
  const { database, name } = file.entry
  const { shards, suppressed, squashes } = file.headers
  const outline: Omit<Migration, 'up' | 'down'> = {
    database,
    version: name.version,
    name: name.name,
    kind: name.kind,
    file: file.entry.file,
    checksum: file.checksum,
    requires,
    conditions: file.headers.conditions,
    accepted: file.headers.accepted,
  }
  const migration = Object.defineProperties(outline, lazyParts) as Migration
  sources.set(migration, file)
  // Not spread into the literal: for a thousand files that takes longer than reading their headers.
  if (suppressed.length > 0) Object.defineProperty(migration, 'suppressed', { value: suppressed, enumerable: true })
  if (shards !== null) Object.defineProperty(migration, 'shards', { value: shards, enumerable: true })
  if (squashes.length > 0)
    Object.defineProperty(migration, 'squashes', { value: { versions: squashes, files: old }, enumerable: true })
  return migration
}

/** The order in which a folder's migrations run: versions as numbers, then the repeatable ones by name. */
export function compareEntries(left: MigrationEntry, right: MigrationEntry): number {
  const leftAgain = left.name.kind === 'repeatable'
  const rightAgain = right.name.kind === 'repeatable'
  if (leftAgain !== rightAgain) return leftAgain ? 1 : -1
  if (!leftAgain) {
    const order = compareVersions(left.name.version, right.name.version)
    if (order !== 0) return order
  }
  return left.name.fileName < right.name.fileName ? -1 : 1
}

/** Faults of the versions of one folder, taken together: duplicates, two schemes, gaps. `entries` are in order. */
export function findOrderFaults(entries: readonly MigrationEntry[]): readonly Fault[] {
  const mixed = findMixedSchemes(entries)
  return [...findDuplicates(entries), ...(mixed === null ? findGaps(entries) : [mixed])]
}

function findDuplicates(entries: readonly MigrationEntry[]): readonly Fault[] {
  const faults: Fault[] = []
  const first = new Map<string, MigrationEntry>()
  for (const entry of entries) {
    const key = identity(entry)
    const other = first.get(key)
    if (other === undefined) first.set(key, entry)
    else faults.push(duplicateFault(other, entry))
  }
  return faults
}

/** Two entries with one identity cannot be distinguished in the journal; names are compared as MySQL's collations do. */
function identity(entry: MigrationEntry): string {
  return entry.name.kind === 'repeatable' ? entry.name.version.toLowerCase() : canonicalVersion(entry.name.version)
}

function duplicateFault(first: MigrationEntry, second: MigrationEntry): Fault {
  const repeatable = second.name.kind === 'repeatable'
  return {
    what: repeatable
      ? `\`${first.name.fileName}\` and \`${second.name.fileName}\` are two repeatable migrations with the same name.`
      : `\`${first.name.fileName}\` and \`${second.name.fileName}\` have the same version.`,
    where: { file: second.file },
    next: repeatable
      ? 'Rename one of them.'
      : 'Rename the one that has not been applied anywhere, with a version after all others.',
  }
}

function findMixedSchemes(entries: readonly MigrationEntry[]): Fault | null {
  const timestamp = entries.find((entry) => entry.name.scheme === 'timestamp')
  const sequence = entries.find((entry) => entry.name.scheme === 'sequence')
  if (timestamp === undefined || sequence === undefined) return null
  return {
    what: `\`${sequence.name.fileName}\` has a sequence number and \`${timestamp.name.fileName}\` a timestamp, in one folder.`,
    where: { file: sequence.file },
    why: 'Their order would not be the order in which they were written.',
    next: 'Use one of the two in a folder: rename the files that have not been applied anywhere.',
  }
}

function findGaps(entries: readonly MigrationEntry[]): readonly Fault[] {
  const faults: Fault[] = []
  let before: MigrationEntry | null = null
  for (const entry of entries) {
    if (entry.name.scheme !== 'sequence') continue
    const missing: number = before === null ? 0 : Number(before.name.version) + 1
    if (before !== null && Number(entry.name.version) > missing) faults.push(gapFault(before, entry, missing))
    before = entry
  }
  return faults
}

function gapFault(before: MigrationEntry, after: MigrationEntry, missing: number): Fault {
  const number = String(missing).padStart(before.name.version.length, '0')
  const filled = after.name.fileName.replace(/^\d+/, number)
  return {
    what: `The sequence has a gap: ${number} is missing between \`${before.name.fileName}\` and \`${after.name.fileName}\`.`,
    where: { file: after.file },
    next: `Put the missing file back, or rename \`${after.name.fileName}\` to \`${filled}\`.`,
  }
}
