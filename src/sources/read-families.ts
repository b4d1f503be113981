import { closestName } from '../domain/closest-name.ts'
import type { ShardFamily } from '../domain/shards/family.ts'
import { type Fault, ToolError } from '../domain/tool-error.ts'
import { normaliseText } from './checksum.ts'
import { withExcerpts } from './excerpts.ts'
import { isFault } from './migration-name.ts'
import { checkFamilies, type DraftedFamily, type KnownDatabase, sortSiblingsFirst } from './shards/check-families.ts'
import { assembleFamily, HeaderSet } from './shards/family-draft.ts'
import { readShardHeader } from './shards/header.ts'
import { listTemplates, type TemplateEntry, type TemplateFolder } from './shards/list-templates.ts'
import { headerFault, type PlacedHeader, readTemplateFile } from './shards/template-file.ts'
import { readTextFile } from './text-file.ts'

/** A line of a template's header that the configuration replaces. */
export interface WrittenOverride extends Pick<Fault, 'where' | 'excerpt'> {
  readonly family: string
  readonly header: string
  readonly text: string
  /** How the configuration names it. */
  readonly name: string
}

/** The part of the configuration that says which families there are. */
export interface FamilyRequest {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly (TemplateFolder & KnownDatabase)[]
  readonly rotation: { readonly archive: string | null; readonly overrides: readonly WrittenOverride[] }
}

/** The families of all databases with what is wrong with them. */
export interface FamilyReport {
  /** Siblings before those that refer to them. */
  readonly families: readonly ShardFamily[]
  readonly faults: readonly Fault[]
  readonly files: number
}

/**
 * Reads and checks the shard templates of every database, overrides of the configuration included. None where there are no
 * templates. Siblings come before those that refer to them.
 * @throws ToolError `TEMPLATES_INVALID` with every fault of every file.
 */
export async function readFamilies(request: FamilyRequest): Promise<readonly ShardFamily[]> {
  const { families, faults } = await inspectFamilies(request)
  if (faults.length > 0) throw new ToolError('TEMPLATES_INVALID', faults)
  return families
}

/** The same without throwing: templates that cannot be read are absent from the families. */
export async function inspectFamilies(request: FamilyRequest): Promise<FamilyReport> {
  const listings = request.databases.map((database) => listTemplates(database, request.root))
  const entries = listings.flatMap((listing) => listing.entries)
  const faults: Fault[] = listings.flatMap((listing) => [...listing.faults])
  const overrides = readOverrides(request, entries, faults)
  const drafted: DraftedFamily[] = []
  const texts = new Map<string, string>()
  for (const entry of entries) {
    const reading = readEntry(entry, overrides.get(entry.family) ?? [], request.rotation.archive !== null)
    texts.set(entry.file, reading.text)
    faults.push(...reading.faults)
    if (reading.drafted !== null) drafted.push(reading.drafted)
  }
  const names = entries.map((entry) => entry.family)
  faults.push(...checkFamilies(drafted, names, request.databases))
  return {
    families: sortSiblingsFirst(drafted.map(({ family }) => family)),
    faults: faults.flatMap((fault) => withExcerpts([fault], texts.get(fault.where?.file ?? '') ?? '')),
    files: entries.length,
  }
}

interface EntryReading {
  readonly text: string
  readonly drafted: DraftedFamily | null
  readonly faults: readonly Fault[]
}

/** Far more than any CREATE TABLE. */
const largestTemplate = 1024 * 1024

function readEntry(entry: TemplateEntry, overrides: readonly PlacedHeader[], archives: boolean): EntryReading {
  const { family: name, database, file, path } = entry
  const read = readTextFile(path, file, largestTemplate)
  if (isFault(read)) return { text: '', drafted: null, faults: [read] }
  if (read.text === null) {
    const what = 'The file is larger than 1 MiB, which no template is.'
    return { text: '', drafted: null, faults: [{ what, where: { file }, next: 'Check whether it is another file.' }] }
  }
  const text = normaliseText(read.text)
  const { headers, content, faults } = readTemplateFile(text, file)
  if (content === null) return { text, drafted: null, faults }
  const draft = { name, database, file, headers: new HeaderSet(headers, overrides), content, archives }
  const { family, faults: more } = assembleFamily(draft)
  return { text, drafted: family === null ? null : { draft, family }, faults: [...faults, ...more] }
}

/** The overrides of each family, read as headers. */
function readOverrides(
  { rotation }: FamilyRequest,
  entries: readonly TemplateEntry[],
  faults: Fault[],
): ReadonlyMap<string, readonly PlacedHeader[]> {
  const read = new Map<string, PlacedHeader[]>()
  const names = entries.map((entry) => entry.family)
  const unknown = new Set<string>()
  for (const { family, header, text, name, ...at } of rotation.overrides) {
    const place = { subject: name, ...at }
    const outcome = readShardHeader(header, text)
    if (!names.includes(family)) {
      if (!unknown.has(family)) faults.push(headerFault(place, unknownFamily(family, names)))
      unknown.add(family)
    } else if ('type' in outcome) read.set(family, [...(read.get(family) ?? []), { header: outcome.header, place }])
    else faults.push(headerFault(place, outcome))
  }
  return read
}

function unknownFamily(family: string, names: readonly string[]): { readonly says: string; readonly next: string } {
  const close = closestName(family, names)
  const known = names.length === 0 ? 'There is no template yet.' : `There is ${names.join(', ')}.`
  const next = close === null ? known : `Did you mean ${close}?`
  return { says: `is about the family ${family}, which has no template`, next }
}
