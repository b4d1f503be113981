import { createHash } from 'node:crypto'
import { closeSync, type Dirent, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Fault } from '../../core/tool-error.ts'
import { folderFault, unreadableFault } from '../../files/text-file.ts'
import {
  isFault,
  isIgnoredName,
  type MigrationName,
  NameAdvice,
  readMigrationName,
  squashedFolder,
} from './migration-name.ts'

/** A logical database and the absolute path of the folder with its migrations. */
export interface MigrationFolder {
  readonly name: string
  readonly directory: string
}

/** The folders of a configuration's databases. */
export function migrationFolders({ databases }: Pick<Config, 'databases'>): readonly MigrationFolder[] {
  return databases.map(({ name, migrations: directory }) => ({ name, directory }))
}

/** A file of a folder whose name is that of a migration. */
export interface MigrationEntry {
  readonly database: string
  readonly name: MigrationName
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  readonly path: string
}

export interface FolderListing {
  readonly entries: readonly MigrationEntry[]
  readonly faults: readonly Fault[]
}

/** The path of a file as people see it: relative to `root` and with `/`, or absolute where it is outside. */
export function displayPath(root: string, path: string): string {
  const below = relative(root, path)
  return (below === '' ? '.' : below.startsWith('..') ? resolve(path) : below).split(sep).join('/')
}

/** Lists a folder and reads the names in it; opens no file. */
export function listFolder(folder: MigrationFolder, root: string): FolderListing {
  let found: readonly Dirent[]
  try {
    found = readdirSync(folder.directory, { withFileTypes: true })
  } catch (error) {
    return { entries: [], faults: [missingFolder(error, folder, root)] }
  }
  const entries: MigrationEntry[] = []
  const faults: Fault[] = []
  // Once per folder: resolving ten thousand paths takes longer than listing them.
  const shown = displayPath(root, folder.directory)
  const prefix = shown === '.' ? '' : `${shown}/`
  let known: NameAdvice | undefined
  const advice = (): NameAdvice => {
    known ??= new NameAdvice(found.map((entry) => entry.name))
    return known
  }
  for (const entry of found) {
    if (isIgnoredName(entry.name) || (entry.name === squashedFolder && entry.isDirectory())) continue
    const path = `${folder.directory}${sep}${entry.name}`
    const file = `${prefix}${entry.name}`
    const name = entryFault(entry, path, file) ?? readMigrationName(entry.name, file, advice)
    if (isFault(name)) faults.push(name)
    else entries.push({ database: folder.name, name, file, path })
  }
  return { entries, faults }
}

/** Why an entry cannot be a migration in spite of its name; a pipe must not be opened, because reading it would block forever. */
function entryFault(entry: Dirent, path: string, file: string): Fault | null {
  if (entry.isFile()) return null
  if (entry.isDirectory()) return folderFault(file)
  try {
    const target = statSync(path)
    if (target.isFile()) return null
    if (target.isDirectory()) return folderFault(file)
  } catch (error) {
    return unreadableFault(error, file)
  }
  return {
    what: 'This is neither a file nor a symbolic link to one.',
    where: { file },
    next: 'Move it out of the folder.',
  }
}

function missingFolder(error: unknown, folder: MigrationFolder, root: string): Fault {
  const file = displayPath(root, folder.directory)
  const code = error instanceof Error && 'code' in error ? error.code : null
  const where = { file, database: folder.name }
  if (code === 'ENOENT') {
    return {
      what: `The folder \`${file}\` with the migrations of \`${folder.name}\` does not exist.`,
      where,
      next: `Create its first migration with \`wwdb new <name> --target ${folder.name}\`, or correct the path in the configuration.`,
    }
  }
  if (code === 'ENOTDIR') {
    return {
      what: `\`${file}\` should be the folder with the migrations of \`${folder.name}\`, but is a file.`,
      where,
      next: 'Correct the path in the configuration.',
    }
  }
  return { ...unreadableFault(error, file), what: `The folder \`${file}\` cannot be read.`, where }
}

/** A folder of a logical database that need not exist, unless the configuration names it. */
interface OptionalFolder {
  readonly database: string
  /** Absolute. */
  readonly directory: string
  /** True where the configuration names the folder: then it must exist. */
  readonly named: boolean
  /** What it contains, in the plural; also the configuration's key for it: `seeds`. */
  readonly holds: string
}

/** A file that lies directly in the folder. */
export interface PlainFile {
  readonly name: string
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  readonly path: string
}

/** Lists the files of a folder by name, converted by `read`; opens none. What is not a file, or cannot be examined, is a fault. */
export function listOptionalFolder<Entry extends PlainFile>(
  folder: OptionalFolder,
  root: string,
  read: (file: PlainFile) => Entry | Fault,
): { readonly entries: readonly Entry[]; readonly faults: readonly Fault[] } {
  let found: readonly string[]
  try {
    found = readdirSync(folder.directory)
  } catch (error) {
    const fault = folderReadingFault(error, folder, root)
    return { entries: [], faults: fault === null ? [] : [fault] }
  }
  const entries: Entry[] = []
  const faults: Fault[] = []
  for (const name of found.filter((one) => !isIgnoredName(one)).toSorted()) {
    const path = `${folder.directory}${sep}${name}`
    const file = displayPath(root, path)
    const entry = fileFault(path, file, folder.holds) ?? read({ name, file, path })
    if ('what' in entry) faults.push(entry)
    else entries.push(entry)
  }
  return { entries, faults }
}

function folderReadingFault(error: unknown, folder: OptionalFolder, root: string): Fault | null {
  const { database, directory, named, holds } = folder
  const file = displayPath(root, directory)
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT' && !named) return null
  const where = { file, database }
  const next = `Correct "${holds}" in the configuration, or create the folder.`
  if (code === 'ENOENT')
    return { what: `The folder \`${file}\` with the ${holds} of \`${database}\` does not exist.`, where, next }
  return { ...unreadableFault(error, file), what: `The folder \`${file}\` cannot be read.`, where }
}

/** A pipe must not be opened, because reading it would block forever. */
function fileFault(path: string, file: string, holds: string): Fault | null {
  try {
    if (statSync(path).isFile()) return null
  } catch (error) {
    return unreadableFault(error, file)
  }
  return {
    what: `This is not a file: ${holds} are files directly in the folder of their database.`,
    where: { file },
    next: 'Move it elsewhere.',
  }
}

/**
 * SHA-256 (hex) of every file below some folders, including names. It shows whether something that was built from them is still current: an irrelevant file costs a rebuild, a missed one would give a wrong result. @param folders absolute paths, each under its name in the project
 */
export function checksumFolders(folders: ReadonlyMap<string, string>): string {
  const whole = createHash('sha256')
  const buffer = Buffer.allocUnsafe(mostAtOnce)
  for (const [name, folder] of folders) {
    for (const file of listFiles(folder)) {
      whole.update(JSON.stringify([name, file, checksumFile(join(folder, file), buffer)]))
    }
  }
  return whole.digest('hex')
}

function listFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

/** The part of a file that is in memory at a time. Most files are small: a stream for each would take most of the time. */
const mostAtOnce = 256 * 1024

function checksumFile(path: string, buffer: Buffer): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer))
      hash.update(buffer.subarray(0, length))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
