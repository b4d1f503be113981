import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lintRules } from '../../../scripts/lint-rules.ts'
import { exceptions, homes, layers, rooms } from '../../../scripts/rooms.ts'

const project = resolve(import.meta.dirname, '../../..')

interface Import {
  readonly file: string
  readonly target: string
}

/** Every import of one file of src/ by another, as paths below src/. */
function readImports(): readonly Import[] {
  const files = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  return files.flatMap((file) => {
    const text = readFileSync(join(project, 'src', file), 'utf8')
    const sources = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)].map(([, source = '']) => source)
    return sources.map((source) => ({ file, target: posix.normalize(posix.join(posix.dirname(file), source)) }))
  })
}

function roomOf(file: string): string {
  return /^[^/]+\/commands\//.test(file) && !file.startsWith('cli/') ? 'commands' : (file.split('/')[0] ?? '')
}

describe('the directions of the code', () => {
  const imports = readImports()

  test('are what the lint rules were generated from', () => {
    const fresh = JSON.parse(lintRules())
    expect(JSON.parse(readFileSync(join(project, 'biome.rooms.json'), 'utf8'))).toEqual(fresh)
  })

  test('name every folder of src/', () => {
    expect(Object.keys(rooms).sort()).toEqual(readdirSync(join(project, 'src')).sort())
  })

  test('form no circle of folders, the listed exceptions apart', () => {
    const edges = new Map<string, Set<string>>()
    for (const { file, target } of imports) {
      const [from, to] = [roomOf(file), roomOf(target)]
      const known = Object.entries(exceptions).some(([room, { files }]) =>
        files.some((name) => file === `${room}/${name}`),
      )
      if (from !== to && !known) edges.set(from, (edges.get(from) ?? new Set()).add(to))
    }
    expect(findCircle(edges)).toBeNull()
  })

  test('keep the layers of a capability apart: decisions do not know the driver', () => {
    const layerOf = (file: string) => layers.find(({ folders }) => folders.some((folder) => folder.test(file)))
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [layerOf(file), layerOf(target)]
      return from !== undefined && to !== undefined && !from.may.includes(to.name) && !isWiring(file)
    })
    expect(wrong).toEqual([])
  })

  test('have no exception that is not needed any more', () => {
    const used = new Set(imports.filter(({ file, target }) => roomOf(file) !== roomOf(target)).map(({ file }) => file))
    for (const [room, { files }] of Object.entries(exceptions)) {
      for (const name of files) expect(used, `${room}/${name}`).toContain(`${room}/${name}`)
    }
  })
})

/**
 * Where the parts of a store are put together: its `index.ts`, and the registry of all; the contract names the types of all parts. The union of all
 * answers is generated.
 */
function isWiring(file: string): boolean {
  if (file === 'core/result.generated.ts') return true
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

interface Case {
  readonly file: string
  readonly text: string
  readonly refused: boolean
}

let serial = 0

function importing(folder: string, source: string, refused: boolean): Case {
  serial += 1
  return { file: `src/${folder}/case-${serial}.ts`, text: `import { thing } from '${source}'\n\nthing()\n`, refused }
}

/** From the folder of each room and from one inside it, every other room. */
function importCases(): readonly Case[] {
  const names = Object.keys(rooms)
  return Object.entries(rooms).flatMap(([room, allowed]) => [
    ...names
      .filter((other) => other !== room)
      .flatMap((other) => [
        importing(room, `../${other}/thing.ts`, !allowed.includes(other)),
        importing(`${room}/inner`, `../../${other}/inner/thing.ts`, !allowed.includes(other)),
      ]),
    importing(room, './neighbor.ts', false),
    ...Object.entries(homes).map(([name, owners]) => importing(room, name, !owners.includes(room))),
  ])
}

/** One wrong file for each other rule of the house. */
const otherCases: readonly Case[] = [
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

describe('the rooms, as the linter sees them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-rooms-'))
  const cases = [...importCases(), ...otherCases]
  let refused = new Set<string>()

  beforeAll(() => {
    copyConfiguration(folder)
    for (const { file, text } of cases) write(join(folder, file), text)
    refused = lint(folder)
  }, 60_000)

  afterAll(() => rmSync(folder, { recursive: true }))

  test('the linter saw files at all', () => {
    expect(refused.size).toBeGreaterThan(50)
  })

  test('every forbidden thing is refused, every allowed one is not', () => {
    const wrong = cases.filter((one) => refused.has(one.file) !== one.refused)
    expect(wrong).toEqual([])
  })
})

function copyConfiguration(folder: string): void {
  copyFileSync(join(project, 'biome.rooms.json'), join(folder, 'biome.rooms.json'))
  const { vcs: _, ...house } = JSON.parse(readFileSync(join(project, 'biome.json'), 'utf8'))
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(house))
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
}

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
