import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map(
  (name) => `docs/${name.replaceAll('\\', '/')}`,
)
const inRoot = readdirSync(root).filter((name) => name.endsWith('.md'))
const pages = [...inRoot, ...inDocs.filter((name) => name.endsWith('.md'))].toSorted()

/** A page without what is code: a link there is text. */
const prose = new Map(
  pages.map((page) => {
    const text = readFileSync(join(root, page), 'utf8')
    return [page, text.replaceAll(/^```[\s\S]*?^```$/gm, '')] as const
  }),
)

interface Link {
  readonly written: string
  /** From the root of the repository; the page itself where only an anchor is written. */
  readonly file: string
  readonly anchor: string | null
}

function linksOf(page: string): readonly Link[] {
  const text = (prose.get(page) ?? '').replaceAll(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code))
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, written = '']) => {
    const [path = '', anchor = null] = written.split('#')
    return { written, file: path === '' ? page : posix.join(dirname(page), path).replace(/\/$/, ''), anchor }
  })
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const headings = [...(prose.get(page) ?? '').matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading)
  const names = headings.map((heading) => {
    const name = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    return count === 0 ? name : `${name}-${count}`
  })
  return new Set(names)
}

/** What npm puts into the package beside README, LICENSE and package.json. */
const { files }: { readonly files: readonly string[] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

function isPacked(file: string): boolean {
  return (
    /^(?:README.*\.md|LICENSE|package\.json)$/.test(file) ||
    (files.includes(file.split('/')[0] ?? '') && !files.includes(`!${file}`))
  )
}

describe.each(pages)('%s', (page) => {
  test('has links to files that are there, and in the package where the page is in it', () => {
    const broken = linksOf(page).filter(
      ({ file }) => !existsSync(join(root, file)) || (isPacked(page) && !isPacked(file)),
    )
    expect(broken.map(({ written }) => written)).toEqual([])
  })

  test('has links to headings that are there', () => {
    const broken = linksOf(page).filter(
      ({ file, anchor }) => anchor !== null && prose.has(file) && !anchorsOf(file).has(anchor),
    )
    expect(broken.map(({ written }) => written)).toEqual([])
  })

  test('names files of tests that are there', () => {
    const named = [...(prose.get(page) ?? '').matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file)
    expect(page === 'CHANGELOG.md' ? [] : named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

test('every page of docs in the package is at most two clicks from its index', () => {
  const clicks = new Map([['docs/README.md', 0]])
  for (const [page, count] of clicks) {
    for (const { file } of linksOf(page)) {
      const opened = prose.has(`${file}/README.md`) ? `${file}/README.md` : file
      if (prose.has(opened) && !clicks.has(opened)) clicks.set(opened, count + 1)
    }
  }
  const far = pages.filter((page) => page.startsWith('docs/') && isPacked(page) && (clicks.get(page) ?? 9) > 2)
  expect(far).toEqual([])
})

test('a link to what is not there is found, and so is a heading that is not', () => {
  expect(anchorsOf('docs/reference/output.md')).toContain('exit-codes')
  expect(anchorsOf('docs/reference/output.md')).not.toContain('exit-code')
  expect(linksOf('README.md').length).toBeGreaterThan(20)
  expect(isPacked('test/unit/architecture/links.test.ts')).toBe(false)
})
