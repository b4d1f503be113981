// Renders the documentation as a site, from the files that the repository has: `npm run docs [-- --tags] [--out FOLDER]`. With `--tags` also as each tag `v*` has them, in a folder of its name.
// A folder that has something else in it than a site of an earlier build is refused.
// WWDB_DOCS_BASE is the path under which it is published (`/`), WWDB_DOCS_REPOSITORY the address of the repository, for links to files that are no pages.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { placeOf, sources } from './site/pages.mjs'
import { makeRoom, refuseOthers } from './site/room.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values } = parseArgs({ options: { tags: { type: 'boolean' }, out: { type: 'string', default: 'site' } } })
const out = resolve(values.out)
const base = `${(env['WWDB_DOCS_BASE'] ?? '').replace(/\/$/, '')}/`
const tags = values.tags ? git('tag', '--list', 'v*', '--sort=-version:refname').split('\n').filter(Boolean) : []
/** The theme puts the base of a version before each link. @param {string} up from that base to the root of the site */
const versionsFrom = (up) =>
  [{ text: 'main', folder: '' }, ...tags.map((tag) => ({ text: tag, folder: `${tag}/` }))].map(({ text, folder }) => ({
    text,
    link: `${up}${folder}index.html`,
    target: '_self',
  }))

refuseOthers(out, root)
// Inside the repository, where VitePress finds its packages. The site of before stays until the new one is whole.
const work = mkdtempSync(join(root, 'dist-site-'))
const site = join(work, 'site')
try {
  await render('main', base, site, (folder) => {
    for (const source of sources.filter((one) => existsSync(join(root, one))))
      cpSync(join(root, source), join(folder, source), { recursive: true })
  })
  for (const tag of tags)
    await render(tag, `${base}${tag}/`, join(site, tag), (folder) => {
      const there = sources.filter((source) => git('ls-tree', '--name-only', tag, source) !== '')
      const archive = execFileSync('git', ['archive', tag, ...there], { cwd: root, maxBuffer: 1 << 30 })
      execFileSync('tar', ['-x', '-C', folder], { input: archive })
    })
  makeRoom(out, root)
  cpSync(site, out, { recursive: true })
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** @param {string[]} words */
function git(...words) {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim()
}

/**
 * Its pages are put at their places in a folder of their own.
 * @param {string} version @param {string} base @param {string} outDir @param {(folder: string) => void} copy
 */
async function render(version, base, outDir, copy) {
  const folder = mkdtempSync(join(work, 'pages-'))
  copy(folder)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  for (const file of files.filter((name) => statSync(join(folder, name)).isFile())) {
    const place = join(folder, placeOf(file))
    mkdirSync(dirname(place), { recursive: true })
    renameSync(join(folder, file), place)
  }
  rmSync(join(folder, 'docs'), { recursive: true })
  const versions = versionsFrom(version === 'main' ? '/' : '/../')
  const settings = { folder, base, version, versions, repository: env['WWDB_DOCS_REPOSITORY'] ?? null }
  mkdirSync(join(folder, '.vitepress'))
  writeFileSync(
    join(folder, '.vitepress/config.mjs'),
    `import { configOf } from '../../../scripts/site/config.mjs'\nexport default configOf(${JSON.stringify(settings)})\n`,
  )
  // Loading it takes seconds: a folder that is refused is so at once.
  const { build } = await import('vitepress')
  await build(folder, { outDir })
}
