import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { env, execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { findInstallation } from '../helpers/servers/shared-servers.ts'
import { pack } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
const section = readme.split(/^## /m).find((part) => part.startsWith('Five minutes with your own database')) ?? ''
const project = withProjects()

interface Block {
  readonly language: string
  readonly text: string
}

const blocks: readonly Block[] = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
)

function linesOf(index: number): readonly string[] {
  return (blocks.filter(({ language }) => language === 'sh')[index]?.text ?? '')
    .split('\n')
    .filter((line) => line !== '')
}

interface Ended {
  /** The words of the line, without what it says behind `#`. */
  readonly command: string
  readonly output: string
  readonly exitCode: number
}

/** Types the lines into one shell, as a person does who goes on after a line that ended with findings. */
function typeLines(folder: string, lines: readonly string[], environment: Readonly<Record<string, string>>): Ended[] {
  const script = lines.map((line) => `${line}\nprintf '\\n<ended %s>\\n' $?\n`).join('')
  const output = execFileSync('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const parts = output.split(/\n<ended (\d+)>\n/)
  return lines.map((line, index) => ({
    command: line.replace(/ +#.*$/, ''),
    output: parts[index * 2] ?? '',
    exitCode: Number(parts[index * 2 + 1]),
  }))
}

describe('five minutes with your own database, word for word from the packed package', () => {
  let folder = ''
  let server: OwnServer
  let environment: Record<string, string> = {}
  /** The one thing that is not as written: the server of the test listens on a port of its own. */
  const here = (line: string): string => line.replaceAll('127.0.0.1:3306', `127.0.0.1:${server.port}`)

  beforeAll(async () => {
    const [started, { bin }] = await Promise.all([startServer(), findInstallation('9.7')])
    server = started
    folder = project({})
    pack(folder)
    // The Node that runs the tests; npm, which may be elsewhere; and the `mysql` of a person with a MySQL.
    const path = [dirname(execPath), ...(bin === null ? [] : [bin]), env['PATH'] ?? ''].join(delimiter)
    environment = cleanEnvironment({
      PATH: path,
      MYSQL_TCP_PORT: String(server.port),
      npm_config_prefer_offline: 'true',
      npm_config_update_notifier: 'false',
    })
  })

  afterAll(() => server.stop())

  test('a first migration is written, planned and applied, and a change by hand is found and kept', () => {
    const sql = blocks.find(({ language }) => language === 'sql')?.text ?? ''
    writeFileSync(join(folder, 'typed.sql'), sql)
    const filledIn = 'cp typed.sql migrations/app/*_create_people.sql'
    const lines = [...linesOf(0), filledIn, ...linesOf(1), ...linesOf(2)].map(here)
    const ended = typeLines(folder, lines, environment)
    const said = ended.map(({ command, exitCode }) => `${command.replace(/^npx /, '').split(' -')[0]}: ${exitCode}`)
    expect(said, JSON.stringify(ended, null, 2)).toEqual([
      'npm install: 0',
      'wwdb init app: 0',
      'wwdb new create_people: 0',
      `${filledIn}: 0`,
      expect.stringMatching(/^export WWDB_URL=.*: 0$/),
      'wwdb db create: 0',
      'wwdb plan: 0',
      'wwdb migrate: 0',
      'wwdb status: 0',
      'mysql: 0',
      'wwdb drift: 1',
      'wwdb drift: 0',
    ])
    const shown = (command: string): string => ended.find((one) => one.command === command)?.output ?? ''
    expect(shown('npx wwdb plan')).toContain('CREATE TABLE people')
    expect(shown('npx wwdb status')).toMatch(/✓ applied {2}\d{14} {2}create_people/)
    expect(shown('npx wwdb drift')).toContain('column nickname is not expected')
  })

  test('tables that are there already become the first migration', () => {
    const there = project({})
    symlinkSync(join(folder, 'node_modules'), join(there, 'node_modules'))
    const made = `mysql -h 127.0.0.1 -u root -e 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)'`
    const ended = typeLines(there, [made, ...linesOf(3).map(here)], environment)
    expect(
      ended.map(({ exitCode }) => exitCode),
      JSON.stringify(ended, null, 2),
    ).toEqual([0, 0, 0, 0])
    expect(ended.at(-1)?.output).toMatch(/baseline {2}0001[\s\S]*0 pending/)
  })

  test('the picture of a terminal has the lines that the tool prints', () => {
    const script = resolve(import.meta.dirname, '../../scripts/terminal-picture.mjs')
    const run = spawnSync(execPath, [script, '--check', server.url], { env: environment, encoding: 'utf8' })
    expect(run).toMatchObject({ status: 0, stderr: '' })
    expect(readme).toContain('](docs/pictures/migrate.svg)')
  })

  test('the configuration that it shows is a whole one', () => {
    const text = blocks.find(({ language }) => language === 'json')?.text ?? ''
    const whole = project({ 'wwdb.config.json': here(text) })
    symlinkSync(join(folder, 'node_modules'), join(whole, 'node_modules'))
    mkdirSync(join(whole, 'migrations/app'), { recursive: true })
    const [ended] = typeLines(whole, ['npx wwdb config validate'], environment)
    expect(ended).toMatchObject({ exitCode: 0 })
  })
})
