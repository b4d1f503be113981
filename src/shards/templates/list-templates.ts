import type { Fault } from '../../core/tool-error.ts'
import { listOptionalFolder, type PlainFile } from '../../migrations/files/folder.ts'

/** A logical database and the absolute path of the folder with its templates. */
export interface TemplateFolder {
  readonly name: string
  readonly templates: string
  /** True where the configuration names the folder: then it must be there. */
  readonly templatesNamed: boolean
}

/** A file of a folder whose name is that of a template. */
export interface TemplateEntry extends PlainFile {
  readonly database: string
  /** The family: the file's name without its ending. */
  readonly family: string
}

const templateName = /^([A-Za-z][A-Za-z0-9_]{0,63})\.sql$/

/** Lists a folder and reads the names in it; opens none of the files. A default folder need not be there. */
export function listTemplates(
  folder: TemplateFolder,
  root: string,
): { readonly entries: readonly TemplateEntry[]; readonly faults: readonly Fault[] } {
  const { name: database, templates: directory, templatesNamed: named } = folder
  return listOptionalFolder(
    { database, directory, named, holds: 'templates' },
    root,
    (plain): TemplateEntry | Fault => {
      const family = templateName.exec(plain.name)?.[1]
      return family === undefined ? nameFault(plain.file) : { ...plain, database, family }
    },
  )
}

function nameFault(file: string): Fault {
  return {
    what: 'The name of this file is not that of a template.',
    where: { file },
    why: 'A template is called after its family: letters, digits and "_", beginning with a letter, and ".sql".',
    next: 'Rename it, or move it out of the folder.',
  }
}
