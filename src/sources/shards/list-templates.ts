import { type Dirent, readdirSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import type { Fault } from '../../domain/tool-error.ts'
import { displayPath } from '../folder.ts'
import { isIgnoredName } from '../migration-name.ts'
import { unreadableFault } from '../text-file.ts'

/** A logical database and the absolute path of the folder with its templates. */
export interface TemplateFolder {
  readonly name: string
  readonly templates: string
  /** True where the configuration names the folder: then it must be there. */
  readonly templatesNamed: boolean
}

/** A file of a folder whose name is that of a template. */
export interface TemplateEntry {
  readonly database: string
  /** The family: the file's name without its ending. */
  readonly family: string
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  readonly path: string
}

const templateName = /^([A-Za-z][A-Za-z0-9_]{0,63})\.sql$/

/** Lists a folder and reads the names in it; opens none of the files. A default folder need not be there. */
export function listTemplates(
  folder: TemplateFolder,
  root: string,
): { readonly entries: readonly TemplateEntry[]; readonly faults: readonly Fault[] } {
  let found: readonly Dirent[]
  try {
    found = readdirSync(folder.templates, { withFileTypes: true })
  } catch (error) {
    const fault = folderReadingFault(error, folder, root)
    return { entries: [], faults: fault === null ? [] : [fault] }
  }
  const entries: TemplateEntry[] = []
  const faults: Fault[] = []
  const names = found.map((entry) => entry.name).filter((name) => !isIgnoredName(name))
  for (const fileName of names.toSorted()) {
    const path = `${folder.templates}${sep}${fileName}`
    const file = displayPath(root, path)
    const family = templateName.exec(fileName)?.[1]
    const fault = fileFault(path, file)
    if (fault !== null) faults.push(fault)
    else if (family === undefined) faults.push(nameFault(file))
    else entries.push({ database: folder.name, family, file, path })
  }
  return { entries, faults }
}

function folderReadingFault(error: unknown, folder: TemplateFolder, root: string): Fault | null {
  const file = displayPath(root, folder.templates)
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT' && !folder.templatesNamed) return null
  const where = { file, database: folder.name }
  const next = 'Correct "templates" in the configuration, or make the folder.'
  if (code === 'ENOENT')
    return { what: `The folder ${file} with the templates of ${folder.name} does not exist.`, where, next }
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
    what: 'This is no file, and templates are files that lie directly in the folder of their database.',
    where: { file },
    next: 'Move it elsewhere.',
  }
}

function nameFault(file: string): Fault {
  return {
    what: 'The name of this file is not that of a template.',
    where: { file },
    why: 'A template is called after its family: letters, digits and "_", beginning with a letter, and ".sql".',
    next: 'Rename it, or move it out of the folder.',
  }
}
