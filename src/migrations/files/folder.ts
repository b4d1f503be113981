import { type Dirent, readdirSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { Fault } from '../../core/tool-error.ts'
import { folderFault, unreadableFault } from '../../files/text-file.ts'
import { isFault, isIgnoredName, type MigrationName, readMigrationName } from './migration-name.ts'
import { NameAdvice } from './name-advice.ts'

/** A logical database and the absolute path of the folder with its migrations. */
export interface MigrationFolder {
  readonly name: string
  readonly directory: string
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

/** The path of a file as people see it: relative to `root` and with `/`, or absolute where it lies outside. */
export function displayPath(root: string, path: string): string {
  const below = relative(root, path)
  return (below === '' ? '.' : below.startsWith('..') ? resolve(path) : below).split(sep).join('/')
}

/** Lists a folder and reads the names in it; opens none of the files. */
export function listFolder(folder: MigrationFolder, root: string): FolderListing {
  let found: readonly Dirent[]
  try {
    found = readdirSync(folder.directory, { withFileTypes: true })
  } catch (error) {
    return { entries: [], faults: [missingFolder(error, folder, root)] }
  }
  const entries: MigrationEntry[] = []
  const faults: Fault[] = []
  // Once a folder: resolving ten thousand paths takes longer than listing them.
  const shown = displayPath(root, folder.directory)
  const prefix = shown === '.' ? '' : `${shown}/`
  const advice = new NameAdvice(found.map((entry) => entry.name))
  for (const entry of found) {
    if (isIgnoredName(entry.name)) continue
    const path = `${folder.directory}${sep}${entry.name}`
    const file = `${prefix}${entry.name}`
    const name = entryFault(entry, path, file) ?? readMigrationName(entry.name, file, advice)
    if (isFault(name)) faults.push(name)
    else entries.push({ database: folder.name, name, file, path })
  }
  return { entries, faults }
}

/** Why an entry cannot be a migration whatever its name says; a pipe must not be opened, it would wait for ever. */
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
    what: 'This is neither a file nor a link to one.',
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
      what: `The folder ${file} with the migrations of ${folder.name} does not exist.`,
      where,
      next: `Create its first migration with "wwdb new <name> --target ${folder.name}", or correct the path in the configuration.`,
    }
  }
  if (code === 'ENOTDIR') {
    return {
      what: `${file} should be the folder with the migrations of ${folder.name}, and is a file.`,
      where,
      next: 'Correct the path in the configuration.',
    }
  }
  return { ...unreadableFault(error, file), what: `The folder ${file} cannot be read.`, where }
}
