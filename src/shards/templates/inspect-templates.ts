import { closestName } from '../../core/closest-name.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Fault } from '../../core/tool-error.ts'
import { withExcerpts } from '../../files/excerpts.ts'
import { checkFamilies, type DraftedFamily, type KnownDatabase, sortSiblingsFirst } from './check-families.ts'
import { assembleFamily, HeaderSet } from './family-draft.ts'
import { readShardHeader } from './header.ts'
import type { HeaderObjection } from './header-values.ts'
import { headerFault, type PlacedHeader, readTemplateFile } from './template-file.ts'

/** A template's text, byte order mark and CR removed. */
export interface TemplateText {
  readonly database: string
  /** The family: the file's name without its ending. */
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
  /** How the configuration names it. */
  readonly name: string
}

/** What templates are checked against. */
export interface TemplateSurroundings {
  readonly databases: readonly KnownDatabase[]
  readonly rotation: { readonly archive: string | null; readonly overrides: readonly WrittenOverride[] }
}

export interface TemplateInspection {
  /** Siblings before those that refer to them. */
  readonly families: readonly ShardFamily[]
  readonly faults: readonly Fault[]
}

/**
 * Makes families of templates and checks all there is to check without a server: each by itself, and each against the others.
 * @param unread families whose files could not be read: they are known, so nothing is said of them here.
 */
export function inspectTemplates(
  templates: readonly TemplateText[],
  { databases, rotation }: TemplateSurroundings,
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
  const known = names.length === 0 ? 'There is no template yet.' : `There is ${names.join(', ')}.`
  const next = close === null ? known : `Did you mean ${close}?`
  return { says: `is about the family ${family}, which has no template`, next }
}
