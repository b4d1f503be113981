import { isAscii } from 'node:buffer'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import nodeModule from 'node:module'
import { basename, join, relative, resolve, sep } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, test } from 'vitest'
import { listRequired } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment, launcher } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()

function launch(file: string, nodeFlags: readonly string[] = [], flags: readonly string[] = ['--version'], more = {}) {
  const args = [...nodeFlags, file, ...flags]
  const { status, stdout, stderr } = spawnSync(execPath, args, {
    env: { ...cleanEnvironment(), ...more },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('the launcher', () => {
  test('says a sentence where the tool is not built', () => {
    const folder = project({ 'package.json': '{"type": "module"}' })
    mkdirSync(join(folder, 'bin'))
    for (const name of ['wwdb.js', 'package.json']) copyFileSync(join(root, 'bin', name), join(folder, 'bin', name))
    expect(launch(join(folder, 'bin/wwdb.js'))).toEqual({
      status: 2,
      stdout: '',
      stderr: 'wwdb is not built yet. Run "npm run build" in its folder first.\n',
    })
  })

  test('says a sentence where Node is too old', () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.1' } })"
    const folder = project({ 'old.cjs': pretend })
    expect(launch(launcher, ['--require', join(folder, 'old.cjs')])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'wwdb needs Node 20.19 or later; this is Node 20.18.1.\n',
    })
  })

  test('finds every bundle whole: each loads, with all that it imports', () => {
    const bundles = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.cjs'))
    expect(bundles.length).toBeGreaterThan(100)
    const folder = project({
      'all.cjs': `require(${JSON.stringify(join(root, 'bin/import.cjs'))})
const { load } = require(${JSON.stringify(join(root, 'bin/load.cjs'))})
for (const name of ${JSON.stringify(bundles)}) load(${JSON.stringify(`${root}/dist/`)} + name)`,
    })
    expect(launch(join(folder, 'all.cjs'), [], [])).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('works through a symbolic link, as npm installs it', () => {
    const folder = project({})
    symlinkSync(launcher, join(folder, 'wwdb'))
    expect(launch(join(folder, 'wwdb'))).toMatchObject({ status: 0, stderr: '' })
  })
})

test.each(['--version', '--help'])('the launcher works where it can keep no bytecode: %s', (flag) => {
  const nowhere = { XDG_CACHE_HOME: '/dev/null' }
  expect(launch(launcher, [], [flag], nowhere)).toEqual(launch(launcher, [], [flag]))
})

test('bundles are in ASCII, and their source maps lead to the sources all the same', () => {
  const dist = join(root, 'dist')
  const names = readdirSync(dist).filter((name) => /^(?:start|report|run|driver)-[\w-]{8}\.cjs$/.test(name))
  expect(names.filter((name) => !isAscii(readFileSync(join(dist, name))))).toEqual([])
  const places = names.flatMap((name) => placesBehindEscapes(readFileSync(join(dist, name), 'utf8'), `${name}.map`))
  expect(places.length).toBeGreaterThan(0)
  for (const { bundled, written } of places) expect(written).toBe(bundled)
})

/** Texts in the same line behind an escape (whole ones: a name within a text stands between backticks, too), and what stands in the source where the map says that they are from. */
function placesBehindEscapes(bundle: string, mapName: string) {
  const map = JSON.parse(readFileSync(join(root, 'dist', mapName), 'utf8'))
  const sourceMap = new nodeModule.SourceMap(map)
  return bundle.split('\n').flatMap((line, index) => {
    const found = /\\u[0-9a-f]{4}/.exec(line)
    const text = found === null ? null : /(?<=[(,:=?+[]`)[A-Za-z]{3,} [A-Za-z ]{8,}(?=`)/.exec(line.slice(found.index))
    if (found === null || text === null) return []
    const entry = sourceMap.findEntry(index, found.index + text.index - 1)
    if (!('originalSource' in entry)) return []
    const source: string = map.sourcesContent[map.sources.indexOf(entry.originalSource)]
    const written = source.split('\n')[entry.originalLine]?.slice(entry.originalColumn + 1)
    return [{ bundled: text[0], written: written?.slice(0, text[0].length) }]
  })
}

test('the first starts leave bytecode in the cache of their user, where Node keeps none itself', () => {
  // The tool of a folder of its own.
  const folder = project({ 'package.json': JSON.stringify({ type: 'module' }) })
  for (const name of ['bin', 'dist']) cpSync(join(root, name), join(folder, name), { recursive: true })
  const cache = join(folder, 'cache')
  const start = (flag = '--version') => launch(join(folder, 'bin/wwdb.js'), [], [flag], { XDG_CACHE_HOME: cache })
  const first = start()
  expect(first).toMatchObject({ status: 0, stderr: '' })
  if ('enableCompileCache' in nodeModule) {
    expect(existsSync(cache)).toBe(false)
    return
  }
  const [version = ''] = readdirSync(join(cache, 'wwdb/bytecode'))
  const kept = join(cache, 'wwdb/bytecode', version)
  const sizes = () => new Map(readdirSync(kept).map((name) => [name, statSync(join(kept, name)).size]))
  const sizeOfStart = () => Math.max(...[...sizes()].map(([name, size]) => (name.startsWith('start-') ? size : 0)))
  expect(statSync(kept).mode & 0o777).toBe(0o700)
  // The entry has the same name, and from a package the same time, in every version: another one's bytecode would run in its place.
  expect([...sizes().keys()].filter((name) => name.startsWith('main'))).toEqual([])
  const small = sizeOfStart()
  expect(small).toBeGreaterThan(0)
  // What the next starts run is added, in place of what was there; then it stays.
  const help = start('--help')
  expect(sizeOfStart()).toBeGreaterThan(small)
  for (let more = 0; more < 3; more += 1) expect(start()).toEqual(first)
  // A run of another kind is the first to load some bundle, and adds to all.
  const settled = sizeOfStart()
  expect(launch(join(folder, 'bin/wwdb.js'), [], ['config', 'schema'], { XDG_CACHE_HOME: cache }).status).toBe(0)
  expect(sizeOfStart()).toBeGreaterThan(settled)
  const last = sizes()
  expect([...last.keys()].filter((name) => name.startsWith('start-'))).toHaveLength(1)
  const times = () => [...last.keys()].map((name) => statSync(join(kept, name)).mtimeMs)
  const before = times()
  expect(start('--help')).toEqual(help)
  expect(sizes()).toEqual(last)
  expect(times()).toEqual(before)
  // What is no bytecode is made again.
  for (const name of last.keys()) writeFileSync(join(kept, name), 'no bytecode')
  expect(start()).toEqual(first)
  expect(sizeOfStart()).toBeGreaterThan(small / 2)
  // Where others may write, it is not read.
  chmodSync(kept, 0o777)
  const spoiled = [...sizes().keys()]
  for (const name of spoiled) writeFileSync(join(kept, name), 'no bytecode')
  expect(start()).toEqual(first)
  for (const name of spoiled) expect(readFileSync(join(kept, name), 'utf8')).toBe('no bytecode')
})

test('everything is loaded under the flags of Node itself, as V8 takes bytecode only under those it was made under', () => {
  const tag = "exports.tag = require('node:v8').cachedDataVersionTag()"
  const folder = project({ 'late.cjs': tag })
  writeFileSync(
    join(folder, 'bundle.cjs'),
    `${tag}\nexports.loadLate = () => require(${JSON.stringify(join(folder, 'late.cjs'))})`,
  )
  const script = `const { cachedDataVersionTag } = require('node:v8')
const first = cachedDataVersionTag()
const { load } = require(${JSON.stringify(join(root, 'bin/load.cjs'))})
const { tag, loadLate } = load(${JSON.stringify(join(folder, 'bundle.cjs'))})
console.log(JSON.stringify([tag === first, cachedDataVersionTag() === first, loadLate().tag === first]))`
  writeFileSync(join(folder, 'tags.cjs'), script)
  const { status, stdout, stderr } = launch(join(folder, 'tags.cjs'), [], [])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  // What runs on Node 20 is optimized later.
  expect(JSON.parse(stdout)).toEqual([true, !process.versions.v8.startsWith('11.'), true])
})

/** Bytes of the files of a package; the packages within it are listed by themselves. */
function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !relative(folder, entry.parentPath).split(sep).includes('node_modules'))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

test('the package holds what it needs to run, and nothing of ours besides', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ files, unpackedSize }]: [{ files: { path: string }[]; unpackedSize: number }] = JSON.parse(packed)
  const paths = files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'CHANGELOG.md',
      'package.json',
      'bin/wwdb.js',
      'dist/main.cjs',
      'schemas/config.schema.json',
    ]),
  )
  const outside = paths.filter(
    (path) => !/^(bin|dist|docs|examples|ops|schemas)\/|^(LICENSE|package\.json|[A-Z]+(?:\.zh-CN)?\.md)$/.test(path),
  )
  expect(outside).toEqual([])
  expect(paths.filter((path) => /\.map$|\.v8-/.test(path))).toEqual([])
  // What is loaded has a name in what loads it: nothing of an earlier build is carried along.
  const texts = paths
    .filter((path) => /\.(?:[cm]?js|json)$/.test(path) && !path.startsWith('schemas/'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  const programs = texts.filter(({ path }) => path.startsWith('dist/'))
  expect(programs.length).toBeGreaterThan(100)
  const unused = programs.filter(
    ({ path: own }) => !texts.some(({ path, text }) => path !== own && text.includes(basename(own))),
  )
  expect(unused.map(({ path }) => path)).toEqual([])
  // With all that it brings along, in megabytes; 86 when its libraries were installed rather than parts of the bundle.
  const libraries = listRequired().reduce((sum, path) => sum + sizeOf(join(root, path)), 0)
  expect((unpackedSize + libraries) / 1e6).toBeLessThan(45)
  const licenses = readFileSync(join(root, 'dist/licenses.txt'), 'utf8')
  for (const name of ['mysql2', 'zod', '@elastic/elasticsearch', 'commander']) expect(licenses).toContain(`\n${name} `)
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !paths.includes(link))).toEqual([])
})
