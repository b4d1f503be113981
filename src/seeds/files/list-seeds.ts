import type { Fault } from '../../core/tool-error.ts'
import { listOptionalFolder, type PlainFile } from '../../migrations/files/optional-folder.ts'

/** A logical database and the absolute path of the folder with its seeds. */
export interface SeedFolder {
  readonly name: string
  readonly seeds: string
  /** True where the configuration names the folder: then it must be there. */
  readonly seedsNamed: boolean
}

type SeedForm = 'rows' | 'sql' | 'module'

/** A file of a folder whose name is that of a seed. */
export interface SeedEntry extends PlainFile {
  readonly form: SeedForm
}

const seedName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*\.(yaml|yml|json|sql|ts|js|mjs)$/u
const forms: Readonly<Record<string, SeedForm>> = { yaml: 'rows', yml: 'rows', json: 'rows', sql: 'sql' }

/** Lists a folder and reads the names in it; opens none of the files. A default folder need not be there. */
export function listSeeds(
  folder: SeedFolder,
  root: string,
): { readonly entries: readonly SeedEntry[]; readonly faults: readonly Fault[] } {
  const { name: database, seeds: directory, seedsNamed: named } = folder
  return listOptionalFolder({ database, directory, named, holds: 'seeds' }, root, (plain): SeedEntry | Fault => {
    const extension = seedName.exec(plain.name.normalize('NFC'))?.[1]
    return extension === undefined ? nameFault(plain.file) : { ...plain, form: forms[extension] ?? 'module' }
  })
}

function nameFault(file: string): Fault {
  return {
    what: 'The name of this file is not that of a seed.',
    where: { file },
    why: 'A seed is letters, digits, "_", "-" and ".", and ends in .yaml, .yml, .json, .sql, .ts, .js or .mjs.',
    next: 'Rename it, or move it out of the folder.',
  }
}
