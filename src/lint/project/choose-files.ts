import { resolve } from 'node:path'
import { closestName } from '../../core/closest-name.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { displayPath } from '../../migrations/files/folder.ts'
import type { Migration } from '../../migrations/migration.ts'
import { type BranchHistory, findChangedFiles } from './changed-files.ts'

/** What was requested. */
export interface FileRequest {
  readonly root: string
  readonly cwd: string
  /** Files and folders as they were typed. */
  readonly named: readonly string[]
  readonly since: string | null
  readonly all: boolean
  /** The version from which files are pending, according to the configuration. */
  readonly strictSince: string | null
  /** Whether a journal records the file in its current form; null where no journal was read. */
  readonly isApplied: ((migration: Migration) => boolean) | null
}

/** The files that are judged, and why these. */
export interface ChosenFiles {
  readonly files: ReadonlySet<string>
  readonly by: 'all' | 'named' | 'since' | 'journal' | 'version'
  readonly note: string | null
  /** What the branch did to files that the reference has; null where that was not asked for, or is not known. */
  readonly history: BranchHistory | null
}

/**
 * Which files are judged: those that were named or that the branch changed, else all; and of these only pending migrations, as far as a journal
 * or `strictSince` shows. Throws ToolError `USAGE` for a name that is not a file of the project.
 */
export async function chooseFiles(
  request: FileRequest,
  migrations: readonly Migration[],
  others: readonly string[],
): Promise<ChosenFiles> {
  const { since, all, named } = request
  const everything = new Set([...migrations.map(({ file }) => file), ...others])
  if (all) return { files: everything, by: 'all', note: null, history: null }
  if (named.length > 0)
    return {
      files: pendingOf(findNamed(request, everything), request, migrations),
      by: 'named',
      note: null,
      history: null,
    }
  if (since !== null) {
    const { files, note, history } = await findChangedFiles(request.root, since)
    return {
      files: pendingOf(new Set([...everything].filter((file) => files.has(file))), request, migrations),
      by: 'since',
      note,
      history,
    }
  }
  if (request.isApplied !== null)
    return { files: withoutApplied(everything, request, migrations), by: 'journal', note: null, history: null }
  const first = request.strictSince
  if (first === null) {
    const note =
      'No journal was read, so every file counts as pending: `--since`, `--server` or `strictSince` skip applied files.'
    return { files: everything, by: 'all', note: everything.size === 0 ? null : note, history: null }
  }
  const old = new Set(migrations.filter((migration) => isOlder(migration, first)).map(({ file }) => file))
  return { files: new Set([...everything].filter((file) => !old.has(file))), by: 'version', note: null, history: null }
}

function isOlder({ kind, version }: Migration, since: string): boolean {
  const first = since.length < 8 ? since : since.padEnd(14, '0')
  return kind !== 'repeatable' && compareVersions(version, first) < 0
}

/** The same, where that leaves a file. @throws ToolError NOTHING_JUDGED: a check of nothing must not pass. */
function pendingOf(
  files: ReadonlySet<string>,
  request: FileRequest,
  migrations: readonly Migration[],
): ReadonlySet<string> {
  const pending = withoutApplied(files, request, migrations)
  if (files.size === 0 || pending.size > 0) return pending
  throw new ToolError('NOTHING_JUDGED', {
    what: 'No file was reviewed, because all of them are applied on the servers.',
    why: `With \`--server\`, only pending files are reviewed: \`${[...files].slice(0, 3).join('`, `')}\`${files.size > 3 ? ' and more' : ''} ran there.`,
    next: 'Use databases in which only the files of the base ran, or leave out `--server`.',
  })
}

function withoutApplied(
  files: ReadonlySet<string>,
  { isApplied }: FileRequest,
  migrations: readonly Migration[],
): ReadonlySet<string> {
  if (isApplied === null) return files
  const applied = new Set(migrations.filter(isApplied).map(({ file }) => file))
  return new Set([...files].filter((file) => !applied.has(file)))
}

function findNamed({ root, cwd, named }: FileRequest, everything: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>()
  const faults: Fault[] = []
  for (const name of named) {
    const shown = displayPath(root, resolve(cwd, name))
    const matches = [...everything].filter((file) => shown === '.' || file === shown || file.startsWith(`${shown}/`))
    for (const match of matches) found.add(match)
    if (matches.length === 0) faults.push(unknownFile(name, shown, everything))
  }
  if (faults.length > 0) throw new ToolError('USAGE', faults)
  return found
}

function unknownFile(name: string, shown: string, everything: ReadonlySet<string>): Fault {
  const close = closestName(shown, everything)
  return {
    what: `\`${name}\` is neither a migration nor a shard template of the project.`,
    next: close === null ? 'Give a file or folder of the project.' : `Did you mean \`${close}\`?`,
  }
}
