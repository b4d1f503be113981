import { type Dirent, readdirSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import type { Fault } from '../../domain/tool-error.ts'
import { displayPath } from '../folder.ts'
import { isIgnoredName } from '../migration-name.ts'
import { unreadableFault } from '../text-file.ts'

/** A logical database and the absolute path of the folder with its seeds. */
export interface SeedFolder {
  readonly name: string
  readonly seeds: string
  /** True where the configuration names the folder: then it must be there. */
  readonly seedsNamed: boolean
}

type SeedForm = 'rows' | 'sql' | 'module'

/** A file of a folder whose name is that of a seed. */
export interface SeedEntry {
  readonly name: string
  readonly form: SeedForm
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  readonly path: string
}

const seedName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*\.(yaml|yml|json|sql|ts|js|mjs)$/u
const forms: Readonly<Record<string, SeedForm>> = { yaml: 'rows', yml: 'rows', json: 'rows', sql: 'sql' }

/** Lists a folder and reads the names in it; opens none of the files. A default folder need not be there. */
export function listSeeds(
  folder: SeedFolder,
  root: string,
): { readonly entries: readonly SeedEntry[]; readonly faults: readonly Fault[] } {
  let found: readonly Dirent[]
  try {
    found = readdirSync(folder.seeds, { withFileTypes: true })
  } catch (error) {
    const fault = folderReadingFault(error, folder, root)
    return { entries: [], faults: fault === null ? [] : [fault] }
  }
  const entries: SeedEntry[] = []
  const faults: Fault[] = []
  const names = found.map((entry) => entry.name).filter((name) => !isIgnoredName(name))
  for (const name of names.toSorted()) {
    const path = `${folder.seeds}${sep}${name}`
    const file = displayPath(root, path)
    const extension = seedName.exec(name.normalize('NFC'))?.[1]
    const fault = fileFault(path, file) ?? (extension === undefined ? nameFault(file) : null)
    if (fault === null) entries.push({ name, form: forms[extension ?? ''] ?? 'module', file, path })
    else faults.push(fault)
  }
  return { entries, faults }
}

function folderReadingFault(error: unknown, folder: SeedFolder, root: string): Fault | null {
  const file = displayPath(root, folder.seeds)
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT' && !folder.seedsNamed) return null
  const where = { file, database: folder.name }
  const next = 'Correct "seeds" in the configuration, or make the folder.'
  if (code === 'ENOENT')
    return { what: `The folder ${file} with the seeds of ${folder.name} does not exist.`, where, next }
  return { ...unreadableFault(error, file), what: `The folder ${file} cannot be read.`, where }
}

/** A pipe must not be opened, it would wait for ever. */
function fileFault(path: string, file: string): Fault | null {
  try {
    if (statSync(path).isFile()) return null
  } catch (error) {
    return unreadableFault(error, file)
  }
  return {
    what: 'This is no file, and seeds are files that lie directly in the folder of their database.',
    where: { file },
    next: 'Move it elsewhere.',
  }
}

function nameFault(file: string): Fault {
  return {
    what: 'The name of this file is not that of a seed.',
    where: { file },
    why: 'A seed is letters, digits, "_", "-" and ".", and ends in .yaml, .yml, .json, .sql, .ts, .js or .mjs.',
    next: 'Rename it, or move it out of the folder.',
  }
}
