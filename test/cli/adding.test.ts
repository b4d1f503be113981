import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServer } from '../helpers/servers/servers.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const pages = [
  'adding-a-command',
  'adding-a-lint-rule',
  'adding-a-check',
  'adding-a-port',
  'adding-a-journal-column',
] as const
let copy = ''

/** What a page has its reader write: whole files, lines that begin with `+` below lines that are there, and in place of those that begin with `-`. */
interface Block {
  readonly language: string
  readonly file: string
  readonly text: string
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, `docs/internals/${page}.md`), 'utf8')
  const found = text.matchAll(/^```(\w+) file=(\S+)\n([\s\S]*?)^```$/gm)
  return [...found].map(([, language = '', file = '', block = '']) => ({ language, file, text: block }))
}

function write({ language, file, text }: Block): void {
  const path = join(copy, file)
  if (language !== 'diff') {
    writeFileSync(path, text, { flag: 'wx' })
    return
  }
  const lines = text.trimEnd().split('\n')
  const without = (sign: string): string =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => line.slice(1))
      .join('\n')
  const [before, ...others] = readFileSync(path, 'utf8').split(without('+'))
  expect(others, `${file} has these lines once`).toHaveLength(1)
  writeFileSync(path, [before, ...others].join(without('-')))
}

/** What a command prints in the copy; where it fails, its output is in the message. */
function run(...words: readonly string[]): string {
  try {
    return execFileSync(execPath, words, { cwd: copy, env: cleanEnvironment(), encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${words.join(' ')} failed:\n${stdout.slice(-4000)}\n${stderr.slice(-2000)}`)
  }
}

/** The tests of `unit` that hold what is generated, documented and listed. */
function runUnitTests(...words: readonly string[]): void {
  run('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter', 'dot', ...words)
}

describe('what a page of docs/internals says of adding', () => {
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'wwdb-adding-'))
    const left = new Set(['node_modules', '.git', 'dist', 'coverage'])
    for (const name of readdirSync(root)) {
      if (!left.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    for (const page of pages) {
      const blocks = blocksOf(page)
      for (const block of blocks) write(block)
      // CHANGELOG has a line more for each, and a format of the journal its fixture.
      const others = page === 'adding-a-journal-column' ? 2 : 1
      console.log(`${page}: ${new Set(blocks.map(({ file }) => file)).size + others} files`)
    }
    run('scripts/generate.mjs')
    run('scripts/build.mjs')
  }, 600_000)

  afterAll(() => {
    rmSync(copy, { recursive: true, force: true })
  })

  test.each(pages)('%s has something to write', (page) => {
    expect(blocksOf(page).length).toBeGreaterThan(0)
  })

  test('passes the type check and the tests of the whole', () => {
    run('node_modules/typescript/bin/tsc', '-p', '.', '--noEmit')
    runUnitTests('--update=true', 'test/unit/cli')
    runUnitTests('test/unit/architecture', 'test/unit/terminal/documentation.test.ts', 'test/unit/doctor')
    runUnitTests('test/unit/lint/fixtures.test.ts', '-t', 'YEAR_COLUMN')
  }, 900_000)

  test('makes a command that runs, and that help and completion know', () => {
    writeFileSync(join(copy, 'wwdb.config.json'), JSON.stringify({ databases: { user_db: {}, message_db: {} } }))
    expect(run('bin/wwdb.js', 'db', 'names')).toBe('user_db message_db\n')
    expect(run('bin/wwdb.js', 'db', 'names', '--limit', '1')).toBe('user_db\n')
    expect(run('bin/wwdb.js', 'db', 'names', '--separator', ':')).toBe('user_db:message_db\n')
    expect(JSON.parse(run('bin/wwdb.js', 'db', 'names', '--json'))).toMatchObject({
      kind: 'database-names',
      names: ['user_db', 'message_db'],
    })
    expect(run('bin/wwdb.js', 'db', '--help')).toContain('db names')
    expect(run('bin/wwdb.js', 'db', 'names', '--help')).toContain('at most this many')
    expect(run('bin/wwdb.js', 'completion', 'bash')).toContain('"db names"')
  }, 240_000)

  test('makes a rule that finds, and a check that the doctor lists', () => {
    const folder = join(copy, 'cars/migrations/user_db')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(copy, 'cars/wwdb.config.json'), JSON.stringify({ databases: { user_db: {} } }))
    writeFileSync(
      join(folder, '20260101000000_cars.sql'),
      '-- migrate:up\nCREATE TABLE cars (id INT PRIMARY KEY, built YEAR);\n',
    )
    expect(run('bin/wwdb.js', 'lint', '--cwd', 'cars')).toContain('YEAR_COLUMN')
    expect(run('bin/wwdb.js', 'doctor', '--list')).toContain('doublewrite')
  }, 240_000)

  test('makes a column that the upgrade of an older journal adds, and that an older wwdb refuses', async () => {
    const project = join(copy, 'people')
    mkdirSync(join(project, 'migrations/app'), { recursive: true })
    const configuration = { url: testServer().url, databases: { app: { schema: `adding_${process.pid}` } } }
    writeFileSync(join(project, 'wwdb.config.json'), JSON.stringify(configuration))
    const migrate = (tool: string, version: string): string => {
      writeFileSync(
        join(project, `migrations/app/${version}_table.sql`),
        `-- migrate:up\nCREATE TABLE t_${version} (id INT PRIMARY KEY);\n`,
      )
      return run(join(tool, 'bin/wwdb.js'), 'migrate', '--no-input', '--cwd', project)
    }
    const connection = await createConnection({ uri: testServer().url })
    try {
      run(join(root, 'bin/wwdb.js'), 'db', 'create', '--cwd', project)
      migrate(root, '0001')
      migrate(copy, '0002')
      const [rows] = await connection.query(
        `SELECT version, server_uuid = @@server_uuid AS here FROM adding_${process.pid}.wwdb_journal WHERE pass > 0 ORDER BY pass`,
      )
      expect(rows).toEqual([
        { version: '0001', here: null },
        { version: '0002', here: 1 },
      ])
      expect(() => migrate(root, '0003')).toThrow('JOURNAL_NEWER')
    } finally {
      await connection.query(`DROP SCHEMA IF EXISTS adding_${process.pid}`)
      await connection.end()
    }
  }, 240_000)
})
