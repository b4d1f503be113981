import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../core/tool-error.ts'
import { displayPath, type MigrationFolder } from './folder.ts'
import { squashedFolder } from './migration-name.ts'
import type { SourceFile } from './source-file.ts'

/** The folder with the files that a squashed one replaced. */
export function squashedOf({ name, directory }: MigrationFolder): MigrationFolder {
  return { name, directory: join(directory, squashedFolder) }
}

/** The names in the folder `squashed` of a database; null where it does not exist or is empty. */
export function listSquashed(folder: MigrationFolder): readonly string[] | null {
  try {
    const names = readdirSync(squashedOf(folder).directory)
    return names.length === 0 ? null : names
  } catch {
    return null
  }
}

/** The text of a squashed file that is not in its place yet: while it exists, `wwdb squash` was stopped half way. */
export const squashDraft = /^\.(\d+_.+\.sql)$/

export const isSquashed = ({ headers }: SourceFile): boolean => headers.squashes.length > 0

/**
 * What is wrong with a squashed file and those around it: a squash that was stopped, files that sort before it, old ones that are not all there.
 * @param files of the folder, in order
 * @param old of its folder `squashed`; null where that is gone
 */
export function findSquashFaults(
  folder: MigrationFolder,
  root: string,
  files: readonly SourceFile[],
  names: readonly string[] | null,
  old: readonly SourceFile[] | null,
): readonly Fault[] {
  const squash = files.findLast(isSquashed)
  if (names?.some((name) => squashDraft.test(name)) === true || (names !== null && squash === undefined))
    return [stoppedFault(folder, root)]
  if (squash === undefined) return []
  const before = files.slice(0, files.indexOf(squash))
  const covered = new Set(squash.headers.squashes)
  if (before.some(({ entry }) => covered.has(entry.name.version))) return [stoppedFault(folder, root)]
  return [...before.map((file) => earlierFault(file, squash)), ...(old === null ? [] : findGone(squash, old))]
}

function stoppedFault(folder: MigrationFolder, root: string): Fault {
  return {
    what: `A squash of the files of \`${folder.name}\` was interrupted.`,
    where: { file: displayPath(root, squashedOf(folder).directory), database: folder.name },
    next: 'Run `wwdb squash` again, which finishes it, or `wwdb squash --undo`, which reverts it.',
  }
}

function earlierFault({ entry }: SourceFile, squash: SourceFile): Fault {
  const { version } = squash.entry.name
  return {
    what: `\`${entry.name.fileName}\` sorts before \`${squash.entry.name.fileName}\`, which replaced the files up to ${version}.`,
    where: { file: entry.file },
    why: 'A database created by the squashed file would never run it.',
    next: 'Give it a version after that one: `wwdb rebase` does so.',
  }
}

/** Where the squashed file replaced an earlier squashed one, the files of that are not needed. */
function findGone(squash: SourceFile, old: readonly SourceFile[]): readonly Fault[] {
  const present = new Set(old.flatMap(({ entry, headers }) => [entry.name.version, ...headers.squashes]))
  const gone = squash.headers.squashes.filter((version) => !present.has(version))
  const [first] = gone
  if (first === undefined) return []
  return [
    {
      what: `The folder \`${squashedFolder}\` of \`${squash.entry.database}\` lacks ${gone.length === 1 ? `the file of ${first}` : `the files of ${first} and ${gone.length - 1} more`}.`,
      where: { file: squash.entry.file, database: squash.entry.database },
      next: `Restore them, or delete the whole folder once every database has ${squash.entry.name.version}.`,
    },
  ]
}
