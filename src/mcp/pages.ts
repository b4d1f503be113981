import { readdirSync } from 'node:fs'
import MiniSearch from 'minisearch'
import { findDocumentation, readPage } from '../files/documentation.ts'

/** A part of a page of the documentation, from one heading to the next. */
interface PageSection {
  /** `guides/rotation.md` */
  readonly page: string
  readonly heading: string
  readonly text: string
}

/** The pages of the documentation that is installed beside the program, in the order of their names. */
export interface Pages {
  readonly names: readonly string[]
  /** The text of a page, or null where no page has that name. */
  readonly read: (name: string) => string | null
  /** The sections that fit best, best first. */
  readonly search: (query: string, limit: number) => readonly PageSection[]
}

/** Reads all pages. */
export function openPages(): Pages {
  const names = readdirSync(findDocumentation(), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replaceAll('\\', '/'))
    .toSorted()
  const sections = names.flatMap((name) => divide(name, readPage(name)))
  const index = new MiniSearch<PageSection & { readonly id: number }>({
    fields: ['heading', 'page', 'text'],
    searchOptions: {
      boost: { heading: 3, page: 2 },
      boostDocument: (id) => weightOf(sections[Number(id)]?.page ?? ''),
      prefix: true,
      fuzzy: 0.1,
      combineWith: 'OR',
    },
  })
  index.addAll(sections.map((section, id) => ({ ...section, id })))
  return {
    names,
    read: (name) => (names.includes(name) ? readPage(name) : null),
    search: (query, limit) =>
      index
        .search(query)
        .slice(0, limit)
        .flatMap(({ id }) => sections[Number(id)] ?? []),
  }
}

/**
 * Ranks a page that says how something is done above a list in which everything is named, above one about a single rule, and above decisions, which repeat
 * the words of questions and become outdated.
 */
function weightOf(page: string): number {
  if (page.startsWith('internals/')) return 0.2
  if (page.startsWith('reference/rules/')) return 0.6
  return page.startsWith('reference/') ? 0.8 : 1
}

/** Cuts a page into parts at its headings; a heading inside a block of code does not count. */
function divide(page: string, text: string): readonly PageSection[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: page, lines: [] }]
  let inCode = false
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) inCode = !inCode
    const heading = inCode ? null : /^#{1,4} (.*)$/.exec(line)
    if (heading === null) sections.at(-1)?.lines.push(line)
    else sections.push({ heading: heading[1] ?? '', lines: [] })
  }
  return sections
    .map(({ heading, lines }) => ({ page, heading, text: lines.join('\n').trim() }))
    .filter(({ text: content }) => content !== '')
}
