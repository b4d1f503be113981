import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { normaliseText } from '../../files/checksum.ts'
import { readTextFile } from '../../files/text-file.ts'
import { isFault } from '../../migrations/files/migration-name.ts'
import type { KnownDatabase } from './check-families.ts'
import {
  inspectTemplates,
  type TemplateInspection,
  type TemplateSurroundings,
  type TemplateText,
} from './inspect-templates.ts'
import { listTemplates, type TemplateEntry, type TemplateFolder } from './list-templates.ts'

/** The part of the configuration that says which families there are. */
export interface FamilyRequest extends TemplateSurroundings {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly (TemplateFolder & KnownDatabase)[]
}

/** The families of all databases with what is wrong with them. */
export interface FamilyReport extends TemplateInspection {
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
  return { families, faults: [...faults, ...found], files: entries.length }
}

/** Far more than any CREATE TABLE. */
const largestTemplate = 1024 * 1024

function readEntry({ path, ...entry }: TemplateEntry): TemplateText | Fault {
  const { file } = entry
  const read = readTextFile(path, file, largestTemplate)
  if (isFault(read)) return read
  if (read.text !== null) return { ...entry, text: normaliseText(read.text) }
  const what = 'The file is larger than 1 MiB, which no template is.'
  return { what, where: { file }, next: 'Check whether it is another file.' }
}
