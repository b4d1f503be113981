import { ToolError } from '../../core/tool-error.ts'
import { canonicalVersion } from '../../migrations/files/migration-name.ts'
import type { AdoptedMigration, CodeFolder, CodeMigration, Journal } from './ports.ts'

/** `20160608155948-blacklist_the_beatles.js` is the version and name of `20160608155948_blacklist_the_beatles.ts`. */
function keyOf(fileName: string): string {
  return fileName.replace(/\.[a-z]+$/i, '').replace(/^(\d+)[-_]/, '$1_')
}

interface AppliedFile {
  readonly fileName: string
}

/** What migrate-mongo has applied and the journal does not have: compared by the whole name, as two files may have one version there. Pure. */
export function findUnknown({ entries, changelog }: Journal): readonly AppliedFile[] {
  const known = new Set(entries.map(({ version, name }) => placeOf(`${version}_${name}`)))
  return changelog.filter(({ fileName }) => !known.has(placeOf(keyOf(fileName))))
}

/** With its version as a number, as `0002` and `2` are the same place. */
function placeOf(key: string): string {
  return key.replace(/^\d+/, canonicalVersion)
}

/** The files that migrate-mongo has applied and the journal does not know. @throws ToolError PLAN_IMPOSSIBLE. */
export function findAdopted(
  { name, migrations }: CodeFolder,
  journal: Journal,
  adopt: boolean,
): readonly AdoptedMigration[] {
  const applied = findUnknown(journal)
  if (applied.length === 0) return []
  const { changelogName, changelogLocked } = journal
  if (!adopt) throw notAdopted(name, changelogName, applied.length)
  if (changelogLocked) throw foreignLock(name)
  const found = applied.map(({ fileName }) => ({ fileName, migration: findFile(migrations, applied, fileName) }))
  const missing = found.filter(({ migration }) => migration === null)
  if (missing.length > 0) {
    throw new ToolError(
      'PLAN_IMPOSSIBLE',
      missing.map(({ fileName }) => ({
        what: `migrate-mongo has applied \`${fileName}\`, and no file has its version and name.`,
        where: { database: name },
        next: nextFor(name, applied, fileName),
      })),
    )
  }
  return found.flatMap(({ fileName, migration }) => (migration === null ? [] : [{ ...migration, fileName }]))
}

function findFile(
  migrations: readonly CodeMigration[],
  applied: readonly AppliedFile[],
  fileName: string,
): CodeMigration | null {
  const key = placeOf(keyOf(fileName))
  const whole = migrations.find(({ version, name }) => placeOf(`${version}_${name}`) === key)
  if (whole !== undefined) return whole
  // A version can have one file here, so the second one of a version there has another version.
  if (!hasTwin(applied, fileName)) return null
  const named = migrations.filter(({ name }) => name === nameOf(fileName))
  return named.length === 1 ? (named[0] ?? null) : null
}

function hasTwin(applied: readonly AppliedFile[], fileName: string): boolean {
  const version = versionOf(fileName)
  return applied.some((one) => one.fileName !== fileName && versionOf(one.fileName) === version)
}

function versionOf(fileName: string): string {
  return canonicalVersion(/^\d+/.exec(fileName)?.[0] ?? '')
}

function nameOf(fileName: string): string {
  return keyOf(fileName).replace(/^\d+_/, '')
}

function nextFor(database: string, applied: readonly AppliedFile[], fileName: string): string {
  const move = `Move the file to the folder of \`${database}\` as \`${keyOf(fileName)}.js\` (or .ts, .mjs)`
  const twin = hasTwin(applied, fileName)
    ? `; as another file has its version, one of both needs another version before the same name`
    : ''
  return `${move}${twin}, then run the command again.`
}

function notAdopted(database: string, collection: string, count: number): ToolError {
  return new ToolError('PLAN_IMPOSSIBLE', {
    what: `migrate-mongo has applied ${count} migrations to \`${database}\` that the journal does not have.`,
    where: { database },
    why: `Its collection \`${collection}\` names them. Without them wwdb would apply them a second time.`,
    next: 'Record them as applied with `wwdb setup migrate --adopt`; `--dry-run` shows what it would do. Do not run migrate-mongo any more.',
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
