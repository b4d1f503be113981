import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands, exceptions, homes, layers, rooms } from '../../../scripts/rooms.ts'

const project = resolve(import.meta.dirname, '../../..')

/** One import of a file of src/: another file, as a path below src/, or a package. */
interface Import {
  readonly file: string
  readonly target: string
}

/** Every import in src/, of types too. */
function readImports(): readonly Import[] {
  const files = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  return files.flatMap((file) => {
    const text = readFileSync(join(project, 'src', file), 'utf8')
    const sources = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, source = '']) => source)
    return sources.map((source) => ({
      file,
      target: source.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file), source)) : source,
    }))
  })
}

function isFile(target: string): boolean {
  return target.endsWith('.ts') && target.includes('/')
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? ''
}

/** The folder of a file, or the one inside it that has directions of its own; `commands` for those of every capability. */
function roomOf(file: string): string {
  if (/^[^/]+\/commands\//.test(file) && !file.startsWith('cli/')) return 'commands'
  const inner = file.split('/').slice(0, 2).join('/')
  return inner in rooms ? inner : folderOf(file)
}

/** Whether a file may import another file or a package. */
function isAllowed({ file, target }: Import): boolean {
  if (!isFile(target)) {
    const owners =
      homes[
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/')
      ] ?? homes[target]
    return owners === undefined || owners.includes(folderOf(file))
  }
  const [from, to] = [roomOf(file), roomOf(target)]
  if (from === 'commands' && folderOf(file) === folderOf(target)) return true
  if (from === to && from !== 'commands') return true
  return (from === 'commands' ? commands : (rooms[from] ?? [])).includes(to)
}

function isExcepted({ file, target }: Import): boolean {
  const own = exceptions[file] ?? []
  return own.includes(target) || own.includes('*')
}

const imports = readImports()

describe('the directions of the code', () => {
  test('name every folder of src/', () => {
    const folders = Object.keys(rooms).filter((room) => !room.includes('/'))
    expect(folders.sort()).toEqual(readdirSync(join(project, 'src')).sort())
  })

  test('are kept by every import, the listed exceptions apart', () => {
    expect(imports.length).toBeGreaterThan(5000)
    expect(imports.filter((one) => !isAllowed(one) && !isExcepted(one))).toEqual([])
  })

  test('have no exception that is not needed', () => {
    const refused = imports.filter((one) => !isAllowed(one))
    const unneeded = Object.entries(exceptions).flatMap(([file, targets]) =>
      targets
        .filter((target) => !refused.some((one) => one.file === file && (target === '*' || one.target === target)))
        .map((target) => ({ file, target })),
    )
    expect(unneeded).toEqual([])
  })

  test('form no circle of folders, the listed exceptions apart', () => {
    const edges = new Map<string, Set<string>>()
    for (const one of imports.filter(({ target }) => isFile(target))) {
      const [from, to] = [roomOf(one.file), roomOf(one.target)]
      if (from !== to && !isExcepted(one)) edges.set(from, (edges.get(from) ?? new Set()).add(to))
    }
    expect(findCircle(edges)).toBeNull()
  })

  test('form no circle of more than four files, types among them: such files are read together or not at all', () => {
    const edges = new Map<string, Set<string>>()
    for (const { file, target } of imports)
      if (isFile(target)) edges.set(file, (edges.get(file) ?? new Set()).add(target))
    const large = findKnots(edges).filter((knot) => knot.length > 4)
    expect(large).toEqual([])
  })

  test('keep the layers of a capability apart: decisions do not know the driver', () => {
    const layerOf = (file: string) => layers.find(({ folders }) => folders.some((folder) => folder.test(file)))
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [layerOf(file), isFile(target) ? layerOf(target) : undefined]
      return from !== undefined && to !== undefined && !from.may.includes(to.name) && !isWiring(file)
    })
    expect(wrong).toEqual([])
  })
})

test('folders of commands have commands and views alone: an engine there would be imported by nobody else', () => {
  const isOne = /^export const command = defineCommand\(|^export const \w+: View</m
  const folders = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
  const files = folders.filter((file) => /^[^/]+\/commands\/.*\.ts$/.test(file))
  expect(files.length).toBeGreaterThan(90)
  expect(files.filter((file) => !isOne.test(readFileSync(join(project, 'src', file), 'utf8')))).toEqual([])
  expect(files.filter((file) => file.split('/').length > 3)).toEqual([])
})

test('no code runs a command of another file: what several need is a function', () => {
  const running = imports.filter(({ file, target }) => !file.startsWith('cli/') && /^[^/]+\/commands\//.test(target))
  const borrowed = running.filter(({ file, target }) => {
    const text = readFileSync(join(project, 'src', file), 'utf8')
    const names = [...text.matchAll(/import (\{[^}]*\}) from '([^']+)'/g)]
    return names.some(
      ([, named = '', source = '']) =>
        posix.normalize(posix.join(posix.dirname(file), source)) === target && /\bcommand\b/.test(named),
    )
  })
  expect(borrowed).toEqual([])
})

describe('the one door to MySQL', () => {
  const named = (name: RegExp, from: RegExp) =>
    readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        [...readFileSync(join(project, 'src', file), 'utf8').matchAll(/import (\{[^}]*\}) from '([^']+)'/g)].some(
          ([, names = '', source = '']) => name.test(names) && from.test(source),
        ),
      )

  test('is the only file that connects: what is opened elsewhere would be pinned and recorded by nobody', () => {
    expect(named(/\bconnect\b/, /\/connection\.ts$/)).toEqual(['mysql/open.ts'])
    expect(named(/\bopenSession\b/, /\/server-facts\.ts$/)).toEqual(['mysql/open.ts'])
    expect(named(/\b(?:createConnection|createPool)\b/, /^mysql2/)).toEqual(['mysql/log-in.ts'])
  })
})

test.each([
  ['a climb to a capability above', 'mysql/connection.ts', 'migrations/plan.ts', false],
  ['a step down', 'migrations/plan.ts', 'mysql/connection.ts', true],
  ['a neighbor', 'migrations/plan.ts', 'migrations/files/header.ts', true],
  ['a capability that asks a command', 'shards/project.ts', 'migrations/commands/migrate.ts', false],
  ['a capability that asks its own command', 'shards/project.ts', 'shards/commands/rotate.ts', false],
  ['a command that asks a command of another capability', 'platform/commands/up.ts', 'seeds/commands/seed.ts', false],
  ['a command that asks another capability', 'shards/commands/rotate.ts', 'migrations/plan.ts', true],
  ['a package away from its home', 'migrations/plan.ts', 'chalk', false],
  ['a package at home', 'terminal/paint.ts', 'chalk', true],
  ['a part of a package away from its home', 'mysql/lock.ts', '@modelcontextprotocol/server/stdio.js', false],
  ['a package without a home', 'migrations/plan.ts', 'zod', true],
])('the judge decides about %s', (_, file, target, allowed) => {
  expect(isAllowed({ file, target })).toBe(allowed)
})

/** Where the parts of a store are put together: its `index.ts`, and the registry of all; the contract names the types of all parts. */
function isWiring(file: string): boolean {
  return /^stores\/(?:registry|contract|[^/]+\/(?:index|prepare))\.ts$/.test(file)
}

/** The folders of a circle, the first of them twice; null where there is none. */
function findCircle(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>()
  const visit = (room: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(room)) return [...path.slice(path.indexOf(room)), room]
    if (done.has(room)) return null
    for (const next of edges.get(room) ?? []) {
      const circle = visit(next, [...path, room])
      if (circle !== null) return circle
    }
    done.add(room)
    return null
  }
  for (const room of edges.keys()) {
    const circle = visit(room, [])
    if (circle !== null) return circle
  }
  return null
}

/** The groups of files each of which reaches the others by its imports. */
function findKnots(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const order = new Map<string, number>()
  const open: string[] = []
  const knots: (readonly string[])[] = []
  const visit = (file: string): number => {
    const number = order.size
    order.set(file, number)
    let low = number
    open.push(file)
    for (const next of edges.get(file) ?? []) {
      const reached = order.has(next) ? (open.includes(next) ? (order.get(next) ?? low) : low) : visit(next)
      low = Math.min(low, reached)
    }
    if (low === number) knots.push(open.splice(open.indexOf(file)))
    return low
  }
  for (const file of edges.keys()) if (!order.has(file)) visit(file)
  return knots
}

test('a knot of files is found, and files beside it are not in it', () => {
  const edges = Object.entries({ a: ['b'], b: ['c', 'd'], c: ['a'], d: ['e'], e: [] })
  const knots = findKnots(new Map(edges.map(([file, targets]) => [file, new Set(targets)])))
  expect(knots.filter(({ length }) => length > 1).map((knot) => knot.toSorted())).toEqual([['a', 'b', 'c']])
})

interface Case {
  readonly file: string
  readonly text: string
  readonly refused: boolean
}

/** One wrong file for each rule that the linter holds. */
const cases: readonly Case[] = [
  { file: 'src/migrations/global-process.ts', text: 'export const folder = process.cwd()\n', refused: true },
  { file: 'src/cli/global-process.ts', text: 'export const folder = process.cwd()\n', refused: false },
  { file: 'src/sandbox/global-process.ts', text: 'export const folder = process.cwd()\n', refused: false },
  { file: 'src/cli/console.ts', text: "console.log('a')\n", refused: true },
  { file: 'src/terminal/console.ts', text: "console.error('a')\n", refused: true },
  { file: 'src/core/any.ts', text: 'export const value: any = 1\n', refused: true },
  { file: 'src/core/default.ts', text: 'export default 1\n', refused: true },
  { file: 'src/core/enum.ts', text: 'export enum Color {\n  Red = 1,\n}\n', refused: true },
  { file: 'src/core/non-null.ts', text: 'export const first = (list: string[]): string => list[0]!\n', refused: true },
  {
    file: 'src/core/cycle-one.ts',
    text: "import { two } from './cycle-two.ts'\n\nexport const one = (): number => two()\n",
    refused: true,
  },
  {
    file: 'src/core/cycle-two.ts',
    text: "import { one } from './cycle-one.ts'\n\nexport const two = (): number => one()\n",
    refused: true,
  },
  {
    file: 'src/migrations/floating.ts',
    text: 'async function work(): Promise<void> {}\n\nexport function start(): void {\n  work()\n}\n',
    refused: true,
  },
]

describe('the rules that the linter holds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-rooms-'))
  let refused = new Set<string>()

  beforeAll(() => {
    const { vcs: _, ...house } = JSON.parse(readFileSync(join(project, 'biome.json'), 'utf8'))
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(house))
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
    for (const { file, text } of cases) write(join(folder, file), text)
    refused = lint(folder)
  }, 60_000)

  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(cases)('are applied to $file', ({ file, refused: expected }) => {
    expect(refused.has(file)).toBe(expected)
  })
})

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** The files in which the linter found an error, relative to the folder. */
function lint(folder: string): Set<string> {
  const biome = join(project, 'node_modules/@biomejs/biome/bin/biome')
  const options = ['lint', 'src', '--reporter=json', '--diagnostic-level=error', '--max-diagnostics=none']
  const { stdout } = spawnSync(process.execPath, [biome, ...options], { cwd: folder, encoding: 'utf8' })
  const report: { diagnostics: { location: { path: string | { file: string } } }[] } = JSON.parse(stdout)
  return new Set(
    report.diagnostics.map(({ location }) => (typeof location.path === 'string' ? location.path : location.path.file)),
  )
}
