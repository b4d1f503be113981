import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Context } from '../../command/context.ts'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { checksumOf } from '../../files/checksum.ts'
import { displayPath, listFolder, type MigrationEntry } from '../../migrations/files/folder.ts'
import { isFault, readMigrationName } from '../../migrations/files/migration-name.ts'
import { planNewFile } from '../../migrations/files/new-migration.ts'
import { readSumFile, type Sum, writeSumFile } from '../../migrations/files/sum.ts'
import type { SavedStep } from '../order-saved.ts'
import { type RenderedStatement, renderStatements } from '../render-sql.ts'
import { draftOf, readDraftName } from './drafts.ts'

/** A migration of wwdb's own, before it is written. */
export interface SavedMigration {
  readonly database: DatabaseConfig
  readonly version: string
  readonly name: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly path: string
  readonly text: string
  /** True where a killed run has already written it. */
  readonly exists: boolean
}

/** A difference of one database that is to become a migration. */
interface MigrationToSave {
  readonly name: string
  /** The direction of the migration. */
  readonly up: readonly RenderedStatement[]
  readonly down: readonly RenderedStatement[]
  /** Migrations of other databases that must run first, as `user_db/0001`. */
  readonly requires: readonly string[]
  /** Planned migrations that are not written yet: in the same folder they come first. */
  readonly planned: readonly SavedMigration[]
}

/**
 * A difference as migrations with up and down, in the order in which they run: each requires those that must run before it. Where a killed run has already written the same migration, that one is used. Throws ToolError `NAME_INVALID`, `VERSION_TAKEN`.
 * @param earlier migrations that came before all of these, as `user_db/0001`
 */
export function planSaved(
  config: Config,
  steps: readonly SavedStep[],
  earlier: readonly string[],
  now: number,
): readonly SavedMigration[] {
  const saved = new Map<SavedStep, SavedMigration>()
  for (const step of steps) {
    const database = config.databases.find((one) => one.name === step.database)
    if (database === undefined) continue
    const before = step.after.flatMap((one) => saved.get(one) ?? [])
    const requires = [...earlier, ...before.map((one) => `${one.database.name}/${one.version}`)]
    saved.set(step, planOne(config, database, { ...step, requires, planned: [...saved.values()] }, now))
  }
  return [...saved.values()]
}

function planOne(
  { root }: Pick<Config, 'root'>,
  database: DatabaseConfig,
  { name, up, down, requires, planned }: MigrationToSave,
  now: number,
): SavedMigration {
  const isOfKeyspace = up.every((one) => /^ALTER VSCHEMA /.test(one.text))
  const header = [
    ...(requires.length === 0 ? [] : [`-- wwdb:requires ${requires.join(' ')}\n`]),
    // A schema of MySQL that shares the file has no VSchema.
    ...(isOfKeyspace ? ['-- wwdb:when platform=vitess\n'] : []),
  ].join('')
  const text = `${header}-- migrate:up\n${renderStatements(nameOwn(database, up))}\n-- migrate:down\n${renderStatements(nameOwn(database, down))}`
  const { entries } = listFolder({ name: database.name, directory: database.migrations }, root)
  const same = entries.find((one) => one.name.name === name && readFileSync(one.path, 'utf8') === text)
  if (same !== undefined) {
    const { file, path } = same
    return { database, version: same.name.version, name, file, path, text, exists: true }
  }
  const earlier = planned.filter((one) => one.database === database && !one.exists).flatMap(toEntry)
  const request = { name, kind: 'versioned', sequence: false, now: new Date(now) } as const
  const { fileName } = planNewFile(request, [...entries, ...earlier])
  const path = join(database.migrations, fileName)
  const [version = ''] = fileName.split('_')
  return { database, version, name, file: displayPath(root, path), path, text, exists: false }
}

/** The newest migration of a database, where it has this name. */
export function findSaved({ root }: Pick<Config, 'root'>, database: DatabaseConfig, name: string): string | null {
  const { entries } = listFolder({ name: database.name, directory: database.migrations }, root)
  const versioned = entries.filter((one) => one.name.kind !== 'repeatable')
  const newest = versioned.toSorted((a, b) => compareVersions(a.name.version, b.name.version)).at(-1)
  return newest?.name.name === name ? `${database.name}/${newest.name.version}` : null
}

function toEntry({ database, file, path }: SavedMigration): readonly MigrationEntry[] {
  const name = readMigrationName(basename(path), file)
  return isFault(name) ? [] : [{ database: database.name, name, file, path }]
}

/**
 * Names the schema in the statement that changes its character set: after a kill, the effect of a statement without a name cannot be seen, and the next
 * run would have to ask.
 */
export function nameOwn<T extends { readonly text: string }>(
  { name }: Pick<DatabaseConfig, 'name'>,
  statements: readonly T[],
): readonly T[] {
  return statements.map((one) => ({
    ...one,
    text: one.text.replace(/^ALTER DATABASE (?=CHARACTER SET)/, `ALTER DATABASE {{schema:${name}}} `),
  }))
}

/**
 * Finishes what a killed run was writing. A file is written as a draft, then listed in `wwdb.sum`, then renamed: its draft is the file that `wwdb.sum` lists and that does not exist. This happens before the files are read, because they are incomplete. A draft that is not listed yet is removed: the run writes another. Throws ToolError `SUM_INVALID`.
 * @param name of the migration
 */
export async function finishSaved(context: Context, name: string): Promise<void> {
  const config = await context.config()
  for (const database of selectDatabases(config, context.targets)) finishDrafts(config.root, database, name)
}

function finishDrafts(root: string, { migrations: folder }: DatabaseConfig, name: string): void {
  for (const entry of existsSync(folder) ? readdirSync(folder) : []) {
    const fileName = readDraftName(entry) ?? ''
    if (!/^\d+_/.test(fileName) || fileName.replace(/^\d+_/, '') !== `${name}.sql`) continue
    const sum = readSum(folder, root)
    const text = readFileSync(join(folder, entry), 'utf8')
    const isListed = sum?.checksums.get(fileName) === checksumOf(text)
    if (isListed && !existsSync(join(folder, fileName))) renameSync(join(folder, entry), join(folder, fileName))
    else rmSync(join(folder, entry))
  }
}

function readSum(folder: string, root: string): Sum | null {
  const sum = readSumFile(folder, root)
  if (sum !== null && isFault(sum)) throw new ToolError('SUM_INVALID', sum)
  return sum
}

/**
 * Writes the file, completely or not at all, and adds it to `wwdb.sum` where that exists. Returns what else was changed. Throws ToolError `SUM_INVALID`.
 */
export function writeSavedMigration({ root }: Pick<Config, 'root'>, one: SavedMigration): readonly string[] {
  const { migrations: folder } = one.database
  const sum = readSum(folder, root)
  const fileName = one.path.slice(folder.length + 1)
  const isNew = !existsSync(one.path)
  if (isNew) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, draftOf(fileName)), one.text)
  }
  const isListed = sum === null || sum.checksums.get(fileName) === checksumOf(one.text)
  const changed = isListed
    ? []
    : [writeSumFile(folder, root, new Map(sum.checksums).set(fileName, checksumOf(one.text)))]
  if (isNew) renameSync(join(folder, draftOf(fileName)), one.path)
  return changed
}
