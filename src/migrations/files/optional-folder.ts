import { readdirSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import type { Fault } from '../../core/tool-error.ts'
import { unreadableFault } from '../../files/text-file.ts'
import { displayPath } from './folder.ts'
import { isIgnoredName } from './migration-name.ts'

/** A folder of a logical database that need not be there, unless the configuration names it. */
export interface OptionalFolder {
  readonly database: string
  /** Absolute. */
  readonly directory: string
  /** True where the configuration names the folder: then it must be there. */
  readonly named: boolean
  /** What lies in it, in the plural; also the configuration's key for it: `seeds`. */
  readonly holds: string
}

/** A file that lies directly in the folder. */
export interface PlainFile {
  readonly name: string
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  readonly path: string
}

/**
 * Lists the files of a folder by name, as what `read` makes of each; opens none. Whatever is no file, or cannot be looked at, is a fault.
 */
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
  const next = `Correct "${holds}" in the configuration, or make the folder.`
  if (code === 'ENOENT')
    return { what: `The folder ${file} with the ${holds} of ${database} does not exist.`, where, next }
  return { ...unreadableFault(error, file), what: `The folder ${file} cannot be read.`, where }
}

/** A pipe must not be opened, it would wait for ever. */
function fileFault(path: string, file: string, holds: string): Fault | null {
  try {
    if (statSync(path).isFile()) return null
  } catch (error) {
    return unreadableFault(error, file)
  }
  return {
    what: `This is no file, and ${holds} are files that lie directly in the folder of their database.`,
    where: { file },
    next: 'Move it elsewhere.',
  }
}
