import { closestName } from '../../core/closest-name.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { normalizeText } from '../../files/checksum.ts'
import { readTextFile, withExcerpts } from '../../files/text-file.ts'
import { listOptionalFolder, type PlainFile } from '../../migrations/files/folder.ts'
import { isFault } from '../../migrations/files/migration-name.ts'
import { asInKeyspace } from '../vitess/template-version.ts'
import { assembleFamily } from './assemble-family.ts'
import { checkFamilies, type DraftedFamily, type KnownDatabase, sortSiblingsFirst } from './check-families.ts'
import { HeaderSet, headerFault, type PlacedHeader, readShardHeader } from './header.ts'
import type { HeaderObjection } from './header-values.ts'
import { readTemplateFile } from './template-file.ts'

/** The part of the configuration that determines the families. */
export interface FamilyRequest extends TemplateContext {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly (TemplateFolder & KnownDatabase)[]
  /** Faults in templates of other databases are left out; by default those of all databases are included. */
  readonly chosen?: ReadonlySet<string>
}

/** The families of all databases with their faults. */
export interface FamilyReport extends TemplateInspection {
  readonly files: number
}

/**
 * Reads and checks the shard templates of every database, including overrides of the configuration. Empty where there are no templates. Siblings precede those that reference them.
 * @throws ToolError `TEMPLATES_INVALID` with every fault of every file.
 */
export async function readFamilies(request: FamilyRequest): Promise<readonly ShardFamily[]> {
  const { families, faults } = await inspectFamilies(request)
  if (faults.length > 0) throw new ToolError('TEMPLATES_INVALID', faults)
  return families
}

/** Does the same without throwing: templates that cannot be read are absent from the families. */
export async function inspectFamilies(request: FamilyRequest): Promise<FamilyReport> {
  const listings = request.databases.map((database) => listTemplates(database, request.root))
  const entries = listings.flatMap((listing) => listing.entries)
  const faults: Fault[] = listings.flatMap((listing) => [...listing.faults])
  const templates: TemplateText[] = []
  const unread: string[] = []
  for (const entry of entries) {
    const template = readEntry(entry)
    if (!isFault(template)) templates.push(template)
    else {
      faults.push(template)
      unread.push(entry.family)
    }
  }
  const { families, faults: found } = inspectTemplates(templates, request, unread)
  const others = new Set(
    entries.flatMap(({ database, file }) => (request.chosen?.has(database) === false ? [file] : [])),
  )
  const own = [...faults, ...found].filter(({ where }) => where?.file === undefined || !others.has(where.file))
  const keyspaces = new Set(request.databases.flatMap(({ name, vitess }) => (vitess === undefined ? [] : [name])))
  const placed = families.map((family) => (keyspaces.has(family.database) ? asInKeyspace(family) : family))
  return { families: placed, faults: own, files: entries.length }
}

/** Far more than any CREATE TABLE. */
const largestTemplate = 1024 * 1024

function readEntry({ path, ...entry }: TemplateEntry): TemplateText | Fault {
  const { file } = entry
  const read = readTextFile(path, file, largestTemplate)
  if (isFault(read)) return read
  if (read.text !== null) return { ...entry, text: normalizeText(read.text) }
  const what = 'The file is larger than 1 MiB, the limit for templates.'
  return { what, where: { file }, next: 'Check that it is a template.' }
}

/** A template's text without byte order mark and CR. */
export interface TemplateText {
  readonly database: string
  /** The family: the file's name without its extension. */
  readonly family: string
  /** As a person would type it. */
  readonly file: string
  readonly text: string
}

/** A line of a template's header that the configuration replaces. */
export interface WrittenOverride extends Pick<Fault, 'where' | 'excerpt'> {
  readonly family: string
  readonly header: string
  readonly text: string
  /** Its name in the configuration. */
  readonly name: string
}

/** What templates are checked against. */
export interface TemplateContext {
  readonly databases: readonly KnownDatabase[]
  readonly rotation: { readonly archive: string | null; readonly overrides: readonly WrittenOverride[] }
}

export interface TemplateInspection {
  /** Siblings precede those that reference them. */
  readonly families: readonly ShardFamily[]
  readonly faults: readonly Fault[]
}

/**
 * Turns templates into families and checks everything that can be checked without a server: each by itself, and each against the others. @param unread families whose files could not be read: their faults are already known.
 */
export function inspectTemplates(
  templates: readonly TemplateText[],
  { databases, rotation }: TemplateContext,
  unread: readonly string[] = [],
): TemplateInspection {
  const names = [...templates.map(({ family }) => family), ...unread]
  const { overrides, faults } = readOverrides(rotation.overrides, names)
  const drafted: DraftedFamily[] = []
  for (const template of templates) {
    const reading = readTemplate(template, overrides.get(template.family) ?? [], rotation.archive !== null)
    faults.push(...reading.faults)
    if (reading.drafted !== null) drafted.push(reading.drafted)
  }
  faults.push(...checkFamilies(drafted, names, databases))
  const texts = new Map(templates.map(({ file, text }) => [file, text]))
  return {
    families: sortSiblingsFirst(drafted.map(({ family }) => family)),
    faults: faults.flatMap((fault) => withExcerpts([fault], texts.get(fault.where?.file ?? '') ?? '')),
  }
}

function readTemplate(
  { database, family: name, file, text }: TemplateText,
  overrides: readonly PlacedHeader[],
  archives: boolean,
): { readonly drafted: DraftedFamily | null; readonly faults: readonly Fault[] } {
  const { headers, unreadable, content, faults } = readTemplateFile(text, file)
  if (content === null) return { drafted: null, faults }
  const draft = { name, database, file, headers: new HeaderSet(headers, overrides), unreadable, content, archives }
  const { family, faults: more } = assembleFamily(draft)
  return { drafted: family === null ? null : { draft, family }, faults: [...faults, ...more] }
}

/** The overrides of each family, read as headers. */
function readOverrides(
  written: readonly WrittenOverride[],
  names: readonly string[],
): { readonly overrides: ReadonlyMap<string, readonly PlacedHeader[]>; readonly faults: Fault[] } {
  const overrides = new Map<string, PlacedHeader[]>()
  const faults: Fault[] = []
  const unknown = new Set<string>()
  for (const { family, header, text, name, ...at } of written) {
    const place = { subject: name, ...at }
    const outcome = readShardHeader(header, text)
    if (!names.includes(family)) {
      if (!unknown.has(family)) faults.push(headerFault(place, unknownFamily(family, names)))
      unknown.add(family)
    } else if ('type' in outcome) {
      overrides.set(family, [...(overrides.get(family) ?? []), { header: outcome.header, place }])
    } else faults.push(headerFault(place, outcome))
  }
  return { overrides, faults }
}

function unknownFamily(family: string, names: readonly string[]): HeaderObjection {
  const close = closestName(family, names)
  const known = names.length === 0 ? 'There are no templates yet.' : `The families are \`${names.join('`, `')}\`.`
  const next = close === null ? known : `Did you mean \`${close}\`?`
  return { says: `names the family \`${family}\`, which has no template`, next }
}

/** A logical database and the absolute path of the folder with its templates. */
interface TemplateFolder {
  readonly name: string
  readonly templates: string
  /** True where the configuration names the folder: then it must exist. */
  readonly templatesNamed: boolean
  /** Absent where it is a schema of MySQL. */
  readonly vitess?: object
}

/** A file whose name is that of a template. */
interface TemplateEntry extends PlainFile {
  readonly database: string
  /** The family: the file's name without its extension. */
  readonly family: string
}

const templateName = /^([A-Za-z][A-Za-z0-9_]{0,63})\.sql$/

/** Lists a folder and reads the names in it; opens no file. A default folder need not exist. */
function listTemplates(
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
    what: 'This file name is not the name of a template.',
    where: { file },
    why: 'A template is named after its family: letters, digits and `_`, starting with a letter, plus `.sql`.',
    next: 'Rename it, or move it out of the folder.',
  }
}
