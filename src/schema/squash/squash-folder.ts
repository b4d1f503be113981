import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'
import { checksumOf, normalizeText } from '../../files/checksum.ts'
import { displayPath, type MigrationFolder } from '../../migrations/files/folder.ts'
import { isFault, squashedFolder, sumFileName } from '../../migrations/files/migration-name.ts'
import { squashDraft } from '../../migrations/files/squashed.ts'
import { readSumFile, type Sum, sumDraft, writeSumFile } from '../../migrations/files/sum.ts'

/** What `squash` writes to the disk, one write at a time: a test stops before each. */
export interface Disk {
  readonly makeFolder: (path: string) => Promise<unknown>
  readonly write: (path: string, text: string) => Promise<void>
  readonly move: (from: string, to: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly removeFolder: (path: string) => Promise<void>
  readonly writeSum: (directory: string, checksums: ReadonlyMap<string, string>) => Promise<void>
}

export function openDisk(root: string): Disk {
  return {
    makeFolder: (path) => mkdir(path, { recursive: true }),
    write: (path, text) => writeFile(path, text),
    move: rename,
    remove: (path) => rm(path, { force: true }),
    removeFolder: rmdir,
    writeSum: async (directory, checksums) => {
      writeSumFile(directory, root, checksums)
    },
  }
}

/** The folder of a database as far as a squash changes it. The draft of the squashed file lists the files to move, until all are moved. */
export interface SquashFolder {
  readonly name: string
  readonly directory: string
  /** The folder `squashed` in it. */
  readonly squashed: string
  /** The name of the squashed file, in its place or as a draft; null where there is neither. */
  readonly file: string | null
  readonly isDraft: boolean
  /** Files that it replaces and that are still, or again, beside it. */
  readonly beside: readonly string[]
  /** The files in the folder `squashed`. */
  readonly moved: readonly string[]
}

/** A squashed file to be written. */
export interface SquashFile {
  readonly database: string
  readonly file: string
  readonly text: string
}

const header = /^-- wwdb:squashes (.+)$/gm
const versioned = /^(\d+)_.+\.(?:sql|ts|js|mjs)$/

function listNames(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).toSorted() : []
}

export function readSquashFolder({ name, directory }: MigrationFolder): SquashFolder {
  const squashed = join(directory, squashedFolder)
  const [main, old] = [listNames(directory), listNames(squashed)]
  const draft = old.find((one) => squashDraft.test(one))?.slice(1) ?? null
  const placed = main
    .filter((one) => one.endsWith('.sql') && versioned.test(one) && readVersions(join(directory, one)).length > 0)
    .at(-1)
  const file = draft ?? placed ?? null
  const versions = new Set(
    file === null ? [] : readVersions(draft === null ? join(directory, file) : join(squashed, `.${file}`)),
  )
  const isOld = (one: string): boolean => one !== file && versions.has(versioned.exec(one)?.[1] ?? '')
  return {
    name,
    directory,
    squashed,
    file,
    isDraft: draft !== null,
    beside: main.filter(isOld),
    moved: old.filter(isOld),
  }
}

function readVersions(path: string): readonly string[] {
  const [head = ''] = readFileSync(path, 'utf8').split(/^-- migrate:up/m)
  return [...head.matchAll(header)].flatMap(([, versions = '']) => versions.split(' '))
}

/** The first half: everything needed is on the disk, and nothing has moved. */
export async function writeDrafts(
  folders: readonly SquashFolder[],
  files: readonly SquashFile[],
  disk: Disk,
): Promise<void> {
  for (const { database, file, text } of files) {
    const folder = folders.find(({ name }) => name === database)
    if (folder === undefined) continue
    await disk.makeFolder(folder.squashed)
    await disk.write(join(folder.squashed, `.${file}`), text)
  }
}

/** The second half, from wherever an earlier run was stopped: the old files of all databases move before the first squashed file takes its place. */
export async function finishSquash(folders: readonly SquashFolder[], root: string, disk: Disk): Promise<void> {
  for (const { directory, squashed, beside } of folders)
    for (const name of beside) await disk.move(join(directory, name), join(squashed, name))
  for (const folder of folders) await sumSquashed(folder, root, disk)
  for (const { directory, squashed, file, isDraft } of folders)
    if (isDraft && file !== null) await disk.move(join(squashed, `.${file}`), join(directory, file))
}

/** `wwdb.sum` of both folders, where the database has one. */
async function sumSquashed(folder: SquashFolder, root: string, disk: Disk): Promise<void> {
  const { directory, squashed, file, isDraft, beside, moved } = folder
  const sum = readSum(directory, root)
  if (sum === null || file === null) return
  const old = [...beside, ...moved]
  const path = isDraft ? join(squashed, `.${file}`) : join(directory, file)
  if (old.some((name) => sum.checksums.has(name)))
    await disk.writeSum(
      squashed,
      new Map(old.map((name) => [name, sum.checksums.get(name) ?? checksumFile(join(squashed, name))])),
    )
  const kept = [...sum.checksums].filter(([name]) => !old.includes(name))
  await disk.writeSum(directory, new Map([...kept, [file, checksumFile(path)]]))
}

/**
 * Moves the old files back, from wherever a squash or an undo was stopped: a squash that was stopped before anything had moved leaves drafts,
 * and perhaps not all of them. The squashed file is a draft until all old files are back.
 */
export async function undoSquash(folders: readonly SquashFolder[], root: string, disk: Disk): Promise<void> {
  for (const { directory, squashed, file, isDraft } of folders)
    if (!isDraft && file !== null) await disk.move(join(directory, file), join(squashed, `.${file}`))
  for (const { directory, squashed, moved } of folders)
    for (const name of moved) await disk.move(join(squashed, name), join(directory, name))
  for (const { directory, squashed, file, beside, moved } of folders) {
    const sum = readSum(directory, root)
    if (sum === null || file === null || !sum.checksums.has(file)) continue
    const before = readSum(squashed, root)
    const back = [...beside, ...moved].map(
      (name) => [name, before?.checksums.get(name) ?? checksumFile(join(directory, name))] as const,
    )
    await disk.writeSum(directory, new Map([...[...sum.checksums].filter(([name]) => name !== file), ...back]))
  }
  await removeDrafts(folders, disk)
}

async function removeDrafts(folders: readonly SquashFolder[], disk: Disk): Promise<void> {
  for (const { squashed, file } of folders) {
    const drafts = listNames(squashed).filter((name) => sumDraft.test(name))
    for (const name of [sumFileName, ...drafts]) await disk.remove(join(squashed, name))
    if (file !== null) await disk.remove(join(squashed, `.${file}`))
    if (existsSync(squashed) && listNames(squashed).length === 0) await disk.removeFolder(squashed)
  }
}

function checksumFile(path: string): string {
  return checksumOf(normalizeText(readFileSync(path, 'utf8')))
}

/** Throws ToolError `SUM_INVALID`. */
function readSum(directory: string, root: string): Sum | null {
  const sum = readSumFile(directory, root)
  if (sum !== null && isFault(sum)) throw new ToolError('SUM_INVALID', sum)
  return sum
}

/** The path of a file as people see it. */
export function shownPath(root: string, ...parts: readonly string[]): string {
  return displayPath(root, join(...parts))
}
