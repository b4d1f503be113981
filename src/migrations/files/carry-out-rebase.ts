import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import * as z from 'zod/mini'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { checksumOf, normalizeText } from '../../files/checksum.ts'
import { displayPath, type MigrationEntry, type MigrationFolder } from './folder.ts'
import { isFault, sumFileName } from './migration-name.ts'
import { type Renaming, renameRequired } from './plan-rebase.ts'
import { formatSum, readSumFile } from './sum.ts'

/**
 * All changes that a rebase makes on the disk. It is written before the first change and removed after the last one, so that the next rebase recognizes and finishes a
 * killed one.
 */
const fileName = '.wwdb-rebase.json'

const changesSchema = z.object({
  /** In this order no file takes a name that another one still has. */
  renames: z.array(z.object({ from: z.string(), to: z.string() })),
  /** Whole texts, of migrations under their new names and of `wwdb.sum`. */
  texts: z.array(z.object({ path: z.string(), text: z.string() })),
})

/** Paths are relative to the project's folder. */
export type RebaseChanges = z.infer<typeof changesSchema>

/** The fault of the files while a rebase is unfinished; null where none is in progress. */
export function findStoppedRebase(root: string): Fault | null {
  if (!existsSync(join(root, fileName))) return null
  return {
    what: 'A rebase was interrupted.',
    where: { file: fileName },
    why: 'Some files have their new versions, but headers that name them may still have the old ones.',
    next: 'Run `wwdb rebase` again, which finishes it.',
  }
}

/** The changes of a stopped rebase; null where there is none. Throws ToolError `REBASE_REFUSED` where the file is damaged. */
export function readStoppedRebase(root: string): RebaseChanges | null {
  const path = join(root, fileName)
  if (!existsSync(path)) return null
  try {
    return changesSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new ToolError(
      'REBASE_REFUSED',
      {
        what: 'The list of renames of an interrupted rebase cannot be read.',
        where: { file: fileName },
        next: 'Restore the folders of migrations from version control, delete the file, and run `wwdb rebase` again.',
      },
      { cause: error },
    )
  }
}

/**
 * Computes every change on the disk from the new versions: names, the headers `wwdb:requires` of all files, and `wwdb.sum`. Only files that ran nowhere can require one that ran nowhere, so no applied file changes. Throws ToolError `SUM_INVALID`.
 * @param entries of all databases
 */
export function planRebaseChanges(
  root: string,
  folders: readonly MigrationFolder[],
  entries: readonly MigrationEntry[],
  renamings: readonly Renaming[],
): RebaseChanges {
  if (renamings.length === 0) return { renames: [], texts: [] }
  const versions = new Map(
    renamings.map(({ entry, version }) => [`${entry.database}/${entry.name.version}`, `${entry.database}/${version}`]),
  )
  const newNames = new Map(renamings.map(({ entry, fileName: name }) => [entry.path, name]))
  const files = entries.map((entry) => {
    const old = readFileSync(entry.path, 'utf8')
    const name = newNames.get(entry.path) ?? entry.name.fileName
    return { entry, name, path: join(entry.path, '..', name), old, text: renameRequired(old, versions) }
  })
  const changed = files.filter(({ entry, old, text }) => old !== text || newNames.has(entry.path))
  const sums = folders.flatMap(({ name: database, directory }) => {
    const own = changed.filter(({ entry }) => entry.database === database)
    const sum = own.length === 0 ? null : readSumFile(directory, root)
    if (sum === null) return []
    if (isFault(sum)) throw new ToolError('SUM_INVALID', sum)
    const gone = new Set(own.map(({ entry }) => entry.name.fileName))
    const kept = [...sum.checksums].filter(([name]) => !gone.has(name))
    const listed = own.map(({ name, text }) => [name, checksumOf(normalizeText(text))] as const)
    return [{ path: relative(root, join(directory, sumFileName)), text: formatSum(new Map([...kept, ...listed])) }]
  })
  return {
    // The last file first, so that no new name is that of a file which still has to be renamed.
    renames: renamings
      .map(({ entry, fileName: name }) => ({
        from: relative(root, entry.path),
        to: relative(root, join(entry.path, '..', name)),
      }))
      .toReversed(),
    texts: [
      ...changed
        .filter(({ old, text }) => old !== text)
        .map(({ path, text }) => ({ path: relative(root, path), text })),
      ...sums,
    ],
  }
}

/** Makes the changes; those that a stopped run has already made are skipped. */
export function carryOutRebase(root: string, changes: RebaseChanges): void {
  if (changes.renames.length === 0) return
  const list = join(root, fileName)
  if (!existsSync(list)) writeWhole(list, JSON.stringify(changes))
  for (const { from, to } of changes.renames)
    if (!existsSync(resolve(root, to))) renameSync(resolve(root, from), resolve(root, to))
  for (const { path, text } of changes.texts) writeWhole(resolve(root, path), text)
  rmSync(list)
}

/** Completely or not at all. A name that begins with a dot is not a migration, and it overwrites what a killed run left. */
function writeWhole(path: string, text: string): void {
  const draft = join(path, '..', '.wwdb-rebase.new')
  writeFileSync(draft, text)
  renameSync(draft, path)
}

/** The new names as people see them, in the order of the versions, and the other files that change. */
export function describeRebase(root: string, { renames, texts }: RebaseChanges) {
  const shown = (path: string): string => displayPath(root, resolve(root, path))
  const created = renames.map(({ to }) => shown(to)).toReversed()
  const changed = texts.map(({ path }) => shown(path)).filter((path) => !created.includes(path))
  return { created, changed }
}
