import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { migration, type Stage, tableMigration, withStages } from '../helpers/tool/stage.ts'
import type { ToolRun } from '../helpers/tool/tool.ts'

const stage = withStages()

/** One clear sentence: told once, no stack, no word of a defect, an exit code that says which kind. */
function expectSentence(run: ToolRun, exitCode: number, ...parts: readonly string[]): void {
  const told = run.stdout + run.stderr
  for (const part of parts) expect(told).toContain(part)
  expect(told).not.toMatch(/^\s+at (?:.*\(.+:\d+:\d+\)|\S+\.[cm]?[jt]s:\d+:\d+|node:)/m)
  expect(told).not.toMatch(/defect|undefined|\[object|TypeError|ENOENT:|EACCES:/)
  expect(run).toMatchObject({ exitCode, signal: null })
}

describe('wrong migration files', () => {
  let opened: Stage
  const placed: string[] = []

  beforeAll(async () => {
    opened = await stage({ files: { 'app/0001_good.sql': tableMigration('good') } })
  })

  /** Puts a wrong file beside the good one. */
  function place(name: string, content: string | Buffer): void {
    opened.write(`migrations/app/${name}`, content)
    placed.push(`migrations/app/${name}`)
  }

  afterEach(async () => {
    for (const file of placed.splice(0)) opened.remove(file)
    // Nothing half done: the good file beside it did not run either.
    expect(await opened.query('SHOW TABLES')).toEqual([])
  })

  test.each([
    ['a name without a version', 'create_users.sql', tableMigration('x'), 'create_users.sql'],
    ['a name with a blank', '0002 users.sql', tableMigration('x'), '0002 users.sql'],
    ['a name with no word', '0002_.sql', tableMigration('x'), '0002_.sql'],
    ['a name of another kind', '0002_users.sql.bak', tableMigration('x'), '0002_users.sql.bak'],
    ['a version twice', '0001_again.sql', tableMigration('x'), '0001_again.sql'],
    ['a gap in the sequence', '0003_gap.sql', tableMigration('x'), '0002'],
    ['a timestamp that is no date', '20261399000000_x.sql', tableMigration('x'), '20261399000000_x.sql'],
    ['an empty file', '0002_x.sql', '', '0002_x.sql'],
    ['no up part', '0002_x.sql', 'CREATE TABLE x (id INT);', 'no up part'],
    ['an empty up part', '0002_x.sql', migration(''), 'has no statements'],
    ['two up parts', '0002_x.sql', `${tableMigration('x')}\n-- migrate:up\nDO 1;`, '0002_x.sql'],
    ['a quote that is never closed', '0002_x.sql', migration("SELECT 'abc;"), '0002_x.sql:2'],
    ['a comment that is never closed', '0002_x.sql', migration('SELECT 1 /* abc;'), '0002_x.sql:2'],
    [
      'a body without DELIMITER',
      '0002_x.sql',
      migration('CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END;'),
      'DELIMITER',
    ],
    ['a NUL byte', '0002_x.sql', migration('SELECT 1;\0'), '0002_x.sql'],
    [
      'another character set',
      '0002_x.sql',
      Buffer.concat([Buffer.from(migration('SELECT 1;')), Buffer.from([0xd0, 0xd5, 0xc3, 0xfb])]),
      'UTF-8',
    ],
    ['UTF-16', '0002_x.sql', Buffer.from(`\uFEFF${migration('SELECT 1;')}`, 'utf16le'), 'UTF-8'],
    ['USE', '0002_x.sql', migration('USE mysql;'), 'USE'],
    ['an unknown header', '0002_x.sql', tableMigration('x', '-- wwdb:need app/0001'), 'wwdb:need'],
    ['a requirement of nothing', '0002_x.sql', tableMigration('x', '-- wwdb:requires app/0099'), 'app/0099'],
    ['a requirement of itself', '0002_x.sql', tableMigration('x', '-- wwdb:requires app/0002'), 'app/0002'],
    ['an unknown placeholder', '0002_x.sql', migration('ALTER TABLE {{schema:nowhere}}.t ADD x INT;'), 'nowhere'],
    [
      'git conflict marks',
      '0002_x.sql',
      migration('<<<<<<< HEAD\nSELECT 1;\n=======\nSELECT 2;\n>>>>>>> other'),
      '0002_x.sql',
    ],
    ['what is no SQL', '0002_x.sql', migration('Dear colleagues, please create a table;'), '0002_x.sql'],
  ])('%s', async (_, name, content, part) => {
    place(name, content)
    expectSentence(await opened.run(['migrate']), 2, part)
    expectSentence(await opened.run(['validate']), 1, part)
  })

  test('a symbolic link that leads to itself', async () => {
    symlinkSync('0002_loop.sql', join(opened.folder, 'migrations/app/0002_loop.sql'))
    placed.push('migrations/app/0002_loop.sql')
    expectSentence(await opened.run(['migrate']), 2, '0002_loop.sql')
  })

  test('a folder where a file should be', async () => {
    const { run, folder, query } = await stage()
    mkdirSync(join(folder, 'migrations/app/0001_x.sql'))
    expectSentence(await run(['migrate']), 2, '0001_x.sql')
    expect(await query('SHOW TABLES')).toEqual([])
  })

  test.each([
    // Reading it fails for everybody, root included.
    ['that cannot be read', '/proc/self/mem'],
    ['that leads nowhere', 'gone.sql'],
  ])('a link to a file %s', async (_, to) => {
    symlinkSync(to, join(opened.folder, 'migrations/app/0002_x.sql'))
    placed.push('migrations/app/0002_x.sql')
    expectSentence(await opened.run(['migrate']), 2, '0002_x.sql')
  })

  test('all faults are shown at once', async () => {
    place('0002_x.sql', migration("SELECT 'abc;"))
    place('nameless.sql', tableMigration('x'))
    expectSentence(await opened.run(['migrate']), 2, '0002_x.sql', 'nameless.sql')
  })

  test('a folder that is not there', async () => {
    const { run } = await stage({ configuration: { databases: { app: { migrations: 'elsewhere' } } } })
    expectSentence(await run(['migrate']), 2, 'elsewhere')
  })
})

test('databases that require each other in a circle: the whole circle, nothing done', async () => {
  const { run, tables } = await stage({
    databases: ['a', 'b', 'c'],
    files: {
      'a/0001_x.sql': tableMigration('x', '-- wwdb:requires b/0001'),
      'b/0001_y.sql': tableMigration('y', '-- wwdb:requires c/0001'),
      'c/0001_z.sql': tableMigration('z', '-- wwdb:requires a/0001'),
    },
  })
  expectSentence(await run(['migrate']), 2, 'a/0001', 'b/0001', 'c/0001')
  expect([await tables('a'), await tables('b'), await tables('c')]).toEqual([[], [], []])
})

describe('unusual files that are right', () => {
  test('CRLF, CR and a byte order mark', async () => {
    const { run, tables } = await stage({
      files: {
        'app/0001_a.sql': tableMigration('a').replaceAll('\n', '\r\n'),
        'app/0002_b.sql': `\uFEFF${tableMigration('b')}`,
        'app/0003_c.sql': tableMigration('c').replaceAll('\n', '\r'),
      },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('ten thousand files: read, planned, one run at a time, nothing to do afterwards', async () => {
    const { run, json, folder, tables } = await stage()
    for (let index = 1; index <= 10_000; index += 1) {
      const file = join(folder, 'migrations/app', `${String(index).padStart(5, '0')}_f.sql`)
      writeFileSync(file, index === 10_000 ? tableMigration('last') : migration('DO 1;', 'DO 0;'))
    }
    expect((await json(['status'])).answer).toMatchObject({ pending: 10_000 })
    expect((await json(['migrate', '--steps', '2'])).answer).toMatchObject({
      outcomes: [{ done: ['00001_f', '00002_f'] }],
    })
    expect(await run(['baseline', '9'])).toMatchObject({ exitCode: 2 })
    expect(await tables()).toEqual([])
  })
})

describe('wrong configurations', () => {
  test.each([
    ['no JSON', '{"databases": {', 'wwdb.config.json'],
    ['an empty file', '', 'wwdb.config.json'],
    ['a list', '[]', 'wwdb.config.json'],
    ['no database', '{"databases": {}}', 'databases'],
    ['an unknown key', '{"url": "mysql://root@h", "databases": {"app": {}}, "outoforder": "warn"}', 'outOfOrder'],
    ['a bad URL', '{"url": "postgres://h", "databases": {"app": {}}}', 'mysql://'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
    ['a variable that is not set', JSON.stringify({ url: '${NOWHERE}', databases: { app: {} } }), 'NOWHERE'],
    ['a duration without a unit', '{"url": "mysql://root@h", "databases": {"app": {}}, "timeouts": {"lock": 5}}', '5s'],
    [
      'two databases in one schema',
      '{"url": "mysql://root@h", "databases": {"a": {"schema": "s"}, "b": {"schema": "s"}}}',
      'both use',
    ],
    ['a NUL byte', '{"url": "mysql://root@h/\0", "databases": {"app": {}}}', 'wwdb.config.json'],
  ])('%s: 78', async (_, text, part) => {
    const { run, write } = await stage({ create: false })
    write('wwdb.config.json', text)
    expectSentence(await run(['status']), 78, part)
  })

  test('a module that throws, and one that exports nothing: 78', async () => {
    const { run, write, remove } = await stage({ create: false })
    remove('wwdb.config.json')
    write('wwdb.config.mjs', "throw new Error('not today')\n")
    expectSentence(await run(['status']), 78, 'not today')
    write('wwdb.config.mjs', 'export const nothing = 1\n')
    expectSentence(await run(['status']), 78, 'wwdb.config.mjs')
  })

  test('a module that is right is used', async () => {
    const { run, write, remove, url, prefix, folder } = await stage({
      files: { 'app/0001_a.sql': tableMigration('a') },
    })
    remove('wwdb.config.json')
    write('wwdb.config.mjs', `export default () => (${JSON.stringify({ url, prefix, databases: { app: {} } })})\n`)
    expect(await run(['migrate'], { cwd: join(folder, 'migrations') })).toMatchObject({ exitCode: 0 })
  })

  test('an environment that there is not, and a file that there is not', async () => {
    const { run } = await stage({ create: false, configuration: { environments: { production: {} } } })
    expectSentence(await run(['status', '--env', 'prodution']), 78, 'production')
    expectSentence(await run(['status', '--config', 'nowhere.json']), 78, 'nowhere.json')
  })
})
