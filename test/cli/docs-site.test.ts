import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { execPath } from 'node:process'
import MiniSearch from 'minisearch'
import { beforeAll, describe, expect, test } from 'vitest'
import { git } from '../helpers/tool/git.ts'
import { withProjects } from '../helpers/tool/project.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()

/** The pages that are not in docs/. */
const starts = ['README.md', 'README.zh-CN.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']

/** A build renders all pages, on a machine that does other work. */
const longest = 600_000

/** A repository with these files that can build its site: a build writes into its folder. */
function repositoryOf(files: Readonly<Record<string, string>>): string {
  const manifest = { 'package.json': '{"type": "module", "private": true}', '.gitignore': 'node_modules\n' }
  const named = Object.entries({ ...manifest, ...files }).map(([name, text]) => [`repository/${name}`, text])
  const folder = join(project(Object.fromEntries(named)), 'repository')
  cpSync(join(root, 'scripts/docs.mjs'), join(folder, 'scripts/docs.mjs'))
  cpSync(join(root, 'scripts/site'), join(folder, 'scripts/site'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Every page of a site by its path, as its HTML. */
function readSite(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  const pages = names.filter((name) => name.endsWith('.html') && name !== '404.html')
  return new Map(pages.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** What the reader reads of a page. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/&#123;/g, '{')

/** Links inside a site that lead nowhere: a page, a file or an anchor that is not there. */
function brokenLinks(folder: string): readonly string[] {
  const site = readSite(folder)
  const files = new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/')),
  )
  const idsOf = new Map(
    [...site].map(([page, html]) => [page, new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]),
  )
  return [...site].flatMap(([page, html]) =>
    [...html.matchAll(/<(?:a|img)[^>]* (?:href|src)="([^"]*)"/g)].flatMap(([, link = '']) => {
      if (/^[a-z]+:|^\/\//.test(link)) return []
      const [path = '', anchor] = decodeURI(link).split('#')
      const from = path.startsWith('/') ? path.slice(1) : posix.join(dirname(page), path)
      const target = path === '' ? page : from === '' || from.endsWith('/') ? `${from}index.html` : from
      const isThere =
        files.has(target) && (anchor === undefined || anchor === '' || idsOf.get(target)?.has(anchor) === true)
      return isThere ? [] : [`${page}: ${link}`]
    }),
  )
}

function build(folder: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  const env = { PATH: process.env['PATH'] ?? '', ...environment }
  execFileSync(execPath, ['scripts/docs.mjs', ...words], { cwd: folder, env, stdio: 'pipe' })
}

describe('the documentation as a site', () => {
  let out: string
  let site: ReadonlyMap<string, string>

  beforeAll(() => {
    const folder = repositoryOf({})
    for (const source of [...starts, 'docs']) cpSync(join(root, source), join(folder, source), { recursive: true })
    out = join(folder, 'elsewhere')
    build(folder, ['--out', out])
    site = readSite(out)
  }, longest)

  test('has each page of the repository', () => {
    const files = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.md'),
    )
    expect(site.size).toBe(files.length + starts.length)
    expect(site.get('index.html')).toContain('<html lang="en"')
    expect(site.get('zh/index.html')).toContain('<html lang="zh-CN"')
  })

  test('has links that lead to pages, files and headings that are there', () => {
    expect(brokenLinks(out)).toEqual([])
  })

  test('shows placeholders and angle brackets as they are written', () => {
    const templates = textOf(site.get('guides/shard-templates.html') ?? '')
    expect(templates).toContain('{{table}}')
    const store = textOf(site.get('internals/adding-a-store.html') ?? '')
    expect(store).toMatch(/<\w+>/)
    expect(textOf(site.get('zh/guides/provision.html') ?? '')).not.toContain('Translation of')
  })

  test.each([
    ['root', 'snapshot restore', 'guides/provision'],
    ['zh', '命名快照', 'zh/guides/provision'],
  ])('finds pages in its index of %s', async (locale, words, page) => {
    const chunks = join(out, 'assets/chunks')
    const name = readdirSync(chunks).find((one) => one.startsWith(`@localSearchIndex${locale}.`)) ?? ''
    const index: { readonly default: string } = await import(join(chunks, name))
    const { tokenize }: { readonly tokenize: (text: string) => string[] } = await import(
      join(root, 'scripts/site/config.mjs')
    )
    const fields = ['title', 'titles', 'text']
    const search = MiniSearch.loadJSON(index.default, { fields, storeFields: ['title', 'titles'], tokenize })
    const found = search.search(words, { combineWith: 'AND' }).map(({ id }) => String(id))
    expect(found.slice(0, 5).join(' ')).toContain(`/${page}.html`)
  })
})

describe('the site of a repository with tags', () => {
  let folder: string

  beforeAll(() => {
    folder = repositoryOf({
      'README.md':
        '# One\n\n[A guide](docs/guides/one.md#what-a-name-does), [a file](schemas/one.json) and `{{ 1 + 1 }}`.\n',
      'README.zh-CN.md': '# 一\n\n[指南](docs/zh/guides/one.md)\n',
      'CHANGELOG.md': '# Changelog\n',
      'docs/README.md': '# Pages\n\n[Home](../README.md)\n',
      'docs/guides/one.md': `<!-- A comment. -->\n\n# Guide\n\n## What a \`<name>\` does\n\nWrite <name> or {{ name }}, or "{{ 'x' | filter: any }}".\n\n![A picture](../pictures/one.svg)\n`,
      'docs/pictures/one.svg': '<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>\n',
      'docs/zh/README.md': '# 页面\n',
      'docs/zh/guides/one.md': '# 指南\n',
    })
  })

  test('has each version in a folder, as its tag has it, and renders what Vue would execute as text', {
    timeout: longest,
  }, () => {
    git(folder, 'init', '--quiet')
    git(folder, 'add', '.')
    git(folder, 'commit', '--quiet', '-m', 'one')
    git(folder, 'tag', 'v1.0.0')
    writeFileSync(join(folder, 'docs/zh/guides/one.md'), '# 第二版\n')
    build(folder, ['--tags'], { WWDB_DOCS_BASE: '/wwdb', WWDB_DOCS_REPOSITORY: 'https://git.example/wwdb' })
    const now = readSite(join(folder, 'site'))
    expect([...now.keys()].filter((page) => !page.startsWith('v1.0.0/')).toSorted()).toEqual([
      'CHANGELOG.html',
      'guides/one.html',
      'index.html',
      'pages.html',
      'zh/guides/one.html',
      'zh/index.html',
      'zh/pages.html',
    ])
    expect(textOf(now.get('zh/guides/one.html') ?? '')).toContain('第二版')
    expect(textOf(now.get('v1.0.0/zh/guides/one.html') ?? '')).not.toContain('第二版')
    const [home = '', guide = ''] = [now.get('index.html'), now.get('v1.0.0/guides/one.html')]
    expect(home).toContain('href="/wwdb/guides/one.html#what-a-name-does"')
    expect(home).toContain('href="https://git.example/wwdb/blob/main/schemas/one.json"')
    expect(home).toContain('href="/wwdb/v1.0.0/index.html" target="_self"')
    expect(textOf(home)).toContain('{{ 1 + 1 }}')
    expect(guide).toContain('href="/wwdb/v1.0.0/../index.html" target="_self"')
    expect(guide).toContain('id="what-a-name-does"')
    expect(textOf(guide)).toContain(`Write <name> or {{ name }}, or "{{ 'x' | filter: any }}".`)
    expect(textOf(guide)).not.toContain('A comment.')
    expect(guide).toMatch(/<img src="data:image\/svg|<img src="\/wwdb\/v1.0.0\/assets\/one/)
    expect(readdirSync(folder).filter((name) => name.startsWith('dist'))).toEqual([])
  })
})

describe('the folder of a site', () => {
  const kept = { 'README.md': '# One\n', 'docs/README.md': '# Pages\n', '.git/HEAD': 'ref: refs/heads/main\n' }

  test.each([
    ['.', /the repository is in there/],
    ['..', /the repository is in there/],
    ['../linked', /the repository is in there/],
    ['docs', /is not empty, and no site was put there/],
    ['README.md', /is a file/],
  ])('is not %s: nothing is deleted', (out, why) => {
    const folder = repositoryOf(kept)
    symlinkSync(folder, join(folder, '../linked'))
    expect(() => build(folder, ['--out', out])).toThrow(why)
    expect(Object.keys(kept).filter((name) => !existsSync(join(folder, name)))).toEqual([])
  })

  test('has nothing of an earlier site after the next build', { timeout: longest }, () => {
    const folder = repositoryOf({ 'README.md': '# One\n', 'docs/README.md': '# Pages\n' })
    const out = join(folder, 'public')
    mkdirSync(out)
    build(folder, ['--out', 'public'])
    writeFileSync(join(out, 'old.html'), '')
    build(folder, ['--out', 'public'])
    expect([...readSite(out).keys()].toSorted()).toEqual(['index.html', 'pages.html'])
  })
})
