import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What each room may import, from the design: everything else must be refused by the linter. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  sql: ['domain'],
  calendar: ['domain'],
  config: ['domain', 'calendar'],
  sources: ['domain', 'sql', 'calendar'],
  engine: ['domain', 'sql', 'calendar', 'config'],
  drivers: ['domain', 'sql', 'config', 'engine/ports.ts'],
  reporters: ['domain'],
  sandbox: ['domain'],
  commands: ['domain', 'sql', 'calendar', 'config', 'sources', 'engine', 'sandbox'],
  cli: ['domain', 'sql', 'calendar', 'config', 'sources', 'engine', 'drivers', 'reporters', 'sandbox', 'commands'],
}

/** The one room that knows a package. */
const homes: Readonly<Record<string, string>> = {
  chalk: 'reporters',
  commander: 'cli',
  'cron-parser': 'calendar',
  ioredis: 'drivers',
  jiti: 'sources',
  knex: 'drivers',
  mysql2: 'drivers',
  testcontainers: 'sandbox',
}

const processRooms = ['cli', 'sandbox']

interface Case {
  readonly file: string
  readonly text: string
  readonly refused: boolean
}

function importCases(): readonly Case[] {
  const rooms = Object.keys(mayImport)
  return rooms.flatMap((room) => {
    const allowed = mayImport[room] ?? []
    const others = rooms.filter((other) => other !== room)
    return [
      ...others.map((other) => importing(room, `../${other}/thing.ts`, !allowed.includes(other))),
      ...others.map((other) => importing(room, `../${other}/inner/thing.ts`, !allowed.includes(other))),
      importing(room, '../engine/ports.ts', room !== 'engine' && !allowed.some((name) => name.startsWith('engine'))),
      importing(room, './neighbour.ts', false),
      ...Object.entries(homes).map(([name, home]) => importing(room, name, home !== room)),
      importing(room, 'node:process', !processRooms.includes(room)),
    ]
  })
}

let serial = 0

function importing(room: string, source: string, refused: boolean): Case {
  serial += 1
  return { file: `src/${room}/case-${serial}.ts`, text: `import { thing } from '${source}'\n\nthing()\n`, refused }
}

/** One wrong file for each other rule of the house. */
const otherCases: readonly Case[] = [
  { file: 'src/engine/global-process.ts', text: 'export const folder = process.cwd()\n', refused: true },
  { file: 'src/cli/global-process.ts', text: 'export const folder = process.cwd()\n', refused: false },
  { file: 'src/sandbox/global-process.ts', text: 'export const folder = process.cwd()\n', refused: false },
  { file: 'src/cli/console.ts', text: "console.log('a')\n", refused: true },
  { file: 'src/reporters/console.ts', text: "console.error('a')\n", refused: true },
  { file: 'src/domain/any.ts', text: 'export const value: any = 1\n', refused: true },
  { file: 'src/domain/default.ts', text: 'export default 1\n', refused: true },
  { file: 'src/domain/enum.ts', text: 'export enum Colour {\n  Red = 1,\n}\n', refused: true },
  {
    file: 'src/domain/non-null.ts',
    text: 'export const first = (list: string[]): string => list[0]!\n',
    refused: true,
  },
  {
    file: 'src/domain/cycle-one.ts',
    text: "import { two } from './cycle-two.ts'\n\nexport const one = (): number => two()\n",
    refused: true,
  },
  {
    file: 'src/domain/cycle-two.ts',
    text: "import { one } from './cycle-one.ts'\n\nexport const two = (): number => one()\n",
    refused: true,
  },
  {
    file: 'src/engine/floating.ts',
    text: 'async function work(): Promise<void> {}\n\nexport function start(): void {\n  work()\n}\n',
    refused: true,
  },
]

describe('the rooms, as the linter sees them', () => {
  const project = resolve(import.meta.dirname, '../../..')
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-rooms-'))
  const cases = [...importCases(), ...otherCases]
  let refused = new Set<string>()

  beforeAll(() => {
    copyConfiguration(project, folder)
    for (const { file, text } of cases) write(join(folder, file), text)
    refused = lint(project, folder)
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

function copyConfiguration(project: string, folder: string): void {
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
function lint(project: string, folder: string): Set<string> {
  const biome = join(project, 'node_modules/@biomejs/biome/bin/biome')
  const options = ['lint', 'src', '--reporter=json', '--diagnostic-level=error', '--max-diagnostics=none']
  const { stdout } = spawnSync(process.execPath, [biome, ...options], { cwd: folder, encoding: 'utf8' })
  const report: { diagnostics: { location: { path: string | { file: string } } }[] } = JSON.parse(stdout)
  return new Set(
    report.diagnostics.map(({ location }) => (typeof location.path === 'string' ? location.path : location.path.file)),
  )
}
