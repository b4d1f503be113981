import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import { displayPath, listFolder } from '../../migrations/files/folder.ts'
import { isFault } from '../../migrations/files/migration-name.ts'
import { planNewFile } from '../../migrations/files/new-migration.ts'
import { readSumFile, writeSumFile } from '../../migrations/files/sum.ts'
import { type RenderedStatement, renderStatements } from '../render-sql.ts'

/** A migration of ours, before it is written. */
export interface SavedMigration {
  readonly database: DatabaseConfig
  readonly version: string
  readonly name: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly path: string
  readonly text: string
  /** True where a run that was killed has written it already. */
  readonly exists: boolean
}

/**
 * A difference as a migration with up and down. Where a run that was killed has written the same one, it is that one. Throws ToolError `NAME_INVALID`,
 * `VERSION_TAKEN`.
 * @param up the way that the migration goes
 */
export function planSavedMigration(
  { root }: Pick<Config, 'root'>,
  database: DatabaseConfig,
  name: string,
  up: readonly RenderedStatement[],
  down: readonly RenderedStatement[],
  now: number,
): SavedMigration {
  const text = `-- migrate:up\n${renderStatements(up)}\n-- migrate:down\n${renderStatements(down)}`
  const { entries } = listFolder({ name: database.name, directory: database.migrations }, root)
  const same = entries.find((one) => one.name.name === name && readFileSync(one.path, 'utf8') === text)
  if (same !== undefined) {
    const { file, path } = same
    return { database, version: same.name.version, name, file, path, text, exists: true }
  }
  const { fileName } = planNewFile({ name, kind: 'versioned', sequence: false, now: new Date(now) }, entries)
  const path = join(database.migrations, fileName)
  const [version = ''] = fileName.split('_')
  return { database, version, name, file: displayPath(root, path), path, text, exists: false }
}

/** Writes the file, whole or not at all, and adds it to `wwdb.sum` where there is one. Returns what else was changed. Throws ToolError `SUM_INVALID`. */
export function writeSavedMigration({ root }: Pick<Config, 'root'>, one: SavedMigration): readonly string[] {
  const { migrations: folder } = one.database
  const sum = readSumFile(folder, root)
  if (sum !== null && isFault(sum)) throw new ToolError('SUM_INVALID', sum)
  if (!existsSync(one.path)) {
    mkdirSync(folder, { recursive: true })
    const draft = join(folder, `.wwdb-${randomUUID()}.new`)
    writeFileSync(draft, one.text, { flag: 'wx' })
    renameSync(draft, one.path)
  }
  const fileName = one.path.slice(folder.length + 1)
  if (sum === null || sum.checksums.get(fileName) === checksumOf(one.text)) return []
  return [writeSumFile(folder, root, new Map(sum.checksums).set(fileName, checksumOf(one.text)))]
}
