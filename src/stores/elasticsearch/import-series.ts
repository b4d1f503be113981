import { matches } from './check-names.ts'
import type { JsonObject } from './declaration.ts'
import type { FoundIndex, Named, ServerContents } from './import-ports.ts'

/** What a template makes. */
export interface FoundSeries {
  readonly type: 'streams' | 'alias' | 'none'
  /** Of its data streams, or of its alias. */
  readonly names: readonly string[]
  /** The indices of the alias. */
  readonly indices: readonly string[]
}

/** The data streams of each template, and the alias whose numbered indices it makes. */
export function findSeries({
  templates,
  streams,
  indices,
}: Pick<ServerContents, 'templates' | 'streams' | 'indices'>): ReadonlyMap<string, FoundSeries> {
  const found = new Map<string, FoundSeries>()
  for (const { name } of templates) {
    const names = streams.filter(({ template }) => template === name).map((one) => one.name)
    if (names.length > 0) found.set(name, { type: 'streams', names, indices: [] })
  }
  for (const alias of findAliases(indices)) {
    const maker = makerOf(alias.writeIndex, templates)
    if (maker !== null && !found.has(maker.name) && maker.body['data_stream'] === undefined) {
      found.set(maker.name, { type: 'alias', names: [alias.name], indices: alias.indices })
    }
  }
  return found
}

interface FoundAlias {
  readonly name: string
  readonly writeIndex: string
  readonly indices: readonly string[]
}

/** Aliases that are written through, and whose indices are numbered as rollover numbers them. */
function findAliases(indices: readonly FoundIndex[]): readonly FoundAlias[] {
  const names = [...new Set(indices.flatMap(({ aliases }) => aliases.map(({ name }) => name)))]
  return names.flatMap((name) => {
    const members = indices.flatMap((index) => {
      const alias = index.aliases.find((one) => one.name === name)
      return alias === undefined ? [] : [{ index: index.name, writes: alias.writes }]
    })
    const marked = members.find(({ writes }) => writes === true)
    const writeIndex = (marked ?? (members.length === 1 ? members[0] : undefined))?.index
    if (writeIndex === undefined || !members.every(({ index }) => isNumbered(index, name))) return []
    return [{ name, writeIndex, indices: members.map(({ index }) => index) }]
  })
}

function isNumbered(index: string, alias: string): boolean {
  return index.startsWith(`${alias}-`) && /^\d{6}$/.test(index.slice(alias.length + 1))
}

/** The template that makes an index of that name: the one with the highest priority of those that match. */
function makerOf(index: string, templates: readonly Named[]): Named | null {
  const matching = templates.filter(({ body }) => patternsOf(body).some((pattern) => matches(pattern, index)))
  const [first = null] = matching.toSorted((one, other) => priorityOf(other.body) - priorityOf(one.body))
  return first
}

function patternsOf({ index_patterns: patterns }: JsonObject): readonly string[] {
  return Array.isArray(patterns) ? patterns.map(String) : []
}

function priorityOf({ priority }: JsonObject): number {
  return typeof priority === 'number' ? priority : 0
}
