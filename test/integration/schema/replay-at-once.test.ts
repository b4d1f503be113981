import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWireProxy, type WireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const numbers = Array.from({ length: 200 }, (_, index) => index)
const create = (name: string): string => `CREATE TABLE ${name} (id INT PRIMARY KEY, note VARCHAR(20), KEY k (note));\n`
const many = numbers.map((number) => create(`t${number}`))
/** What needs another table, or what its session was set to. */
const dependent = [
  'CREATE TABLE copy LIKE t199;\n',
  'CREATE TABLE child (id INT PRIMARY KEY, CONSTRAINT c FOREIGN KEY (id) REFERENCES t3 (id));\n',
  'SET SESSION default_storage_engine=MyISAM;\n',
  'CREATE TABLE engine_of_session (id INT PRIMARY KEY);\n',
  create('beside_it'),
  'DROP TABLE t7;\n',
  create('t7'),
]
let stage: Stage
let proxy: WireProxy
/** The connections that created tables in scratch schemas, and how many each. */
const creating = new Map<number, number>()
/** Kills the second connection that creates tables, once. */
let kills = false

beforeAll(async () => {
  stage = await openStage({
    databases: ['app'],
    files: { 'app/0001_many.sql': migration([...many, ...dependent].join(''), 'DROP TABLE t0;') },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text, connection, threadId }, moment) => {
    const tables = text.startsWith('CREATE TABLE t') ? text.split('CREATE TABLE t').length - 1 : 0
    if (moment === 'before' && tables > 0) creating.set(connection, (creating.get(connection) ?? 0) + tables)
    if (kills && tables > 0 && creating.size === 2) {
      kills = false
      await stage.query(`KILL ${threadId}`, 'app')
    }
    return 'pass'
  })
})

afterAll(() => proxy.close())

const run = (...words: readonly string[]) => {
  creating.clear()
  return stage.run([...words, '--fresh', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
}

const scratchSchemas = () => stage.query("SHOW SCHEMAS LIKE 'wwdb\\_scratch\\_%'", 'app')

test('tables that need no other one are created on several connections, and those that do behind them', async () => {
  const drift = await run('drift', '--replay')
  expect(drift.stdout).toContain('No difference between live and applied in 1 database.')
  expect(drift.exitCode).toBe(0)
  expect(creating.size).toBe(8)
  expect(Math.max(...creating.values())).toBeLessThan(40)
  expect(await scratchSchemas()).toEqual([])
})

test('a connection that is lost meanwhile is done without', async () => {
  kills = true
  const drift = await run('drift', '--replay')
  expect(kills).toBe(false)
  expect(drift.stdout + drift.stderr).toContain('No difference between live and applied in 1 database.')
  expect(drift.exitCode).toBe(0)
  expect(await scratchSchemas()).toEqual([])
})

test('the first statement that fails is named, whichever was created before it', async () => {
  const broken = numbers.map((number) =>
    number === 70 || number === 77 ? `CREATE TABLE u${number} (id INT, KEY (missing));\n` : create(`u${number}`),
  )
  stage.write('app/0002_broken.sql', migration(broken.join(''), 'DROP TABLE u0;'))
  const dump = await run('schema', 'dump', '--from', 'files')
  expect(dump.exitCode).not.toBe(0)
  expect(dump.stderr).toContain('u70')
  expect(dump.stderr).toContain("Key column 'missing' doesn't exist in table")
  expect(dump.stderr).not.toContain('u77')
  expect(await scratchSchemas()).toEqual([])
  stage.remove('app/0002_broken.sql')
})
