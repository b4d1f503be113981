import { afterAll, describe, expect, test } from 'vitest'
import { openWireProxy, type WireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const closings: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closings) await close()
})

/** A server that dies with the first command whose text contains `words`. */
async function dyingServer(words: string): Promise<string> {
  const state: { proxy: WireProxy | null } = { proxy: null }
  const proxy = await openWireProxy(Number(new URL(testServer().url).port), async ({ text }, moment) => {
    if (moment !== 'before' || !text.includes(words)) return 'pass'
    void state.proxy?.close()
    return 'drop'
  })
  state.proxy = proxy
  closings.push(() => proxy.close().catch(() => undefined))
  return `mysql://root@127.0.0.1:${proxy.port}`
}

/** The server of `stock` dies at `words`; `bills` needs `stock`, `people` does not. */
async function stageWith(words: string, files: Readonly<Record<string, string>> = {}): Promise<Stage> {
  return openStage({
    databases: ['people', 'stock', 'bills'],
    configuration: { databases: { people: {}, stock: { url: await dyingServer(words) }, bills: {} } },
    files: {
      'people/0001_people.sql': tableMigration('people'),
      'stock/0001_stock.sql': tableMigration('stock'),
      'bills/0001_bills.sql': tableMigration('bills'),
      'bills/0002_lines.sql': tableMigration('bill_lines', '-- wwdb:requires stock/0001'),
      ...files,
    },
  })
}

const lost = { target: { database: 'stock' }, state: 'not-reached', code: 'CONNECTION_LOST', done: [] }

describe('a server that dies after its database was opened', () => {
  test.each([
    ['when its lock is taken', 'GET_LOCK'],
    ['when its journal is made', 'CREATE TABLE IF NOT EXISTS `wwdb_journal`'],
  ])('%s: migrate continues with the databases that do not need it, and ends with 69', async (_, words) => {
    const { json, tables } = await stageWith(words)
    const { answer } = await json(['migrate'])
    expect(answer).toMatchObject({
      exitCode: 69,
      outcomes: [
        { target: { database: 'people' }, state: 'done', done: ['0001_people'] },
        lost,
        { target: { database: 'bills' }, state: 'blocked', done: ['0001_bills'], notDone: ['0002_lines'] },
      ],
    })
    expect(await tables('people')).toEqual(['people'])
    expect(await tables('bills')).toEqual(['bills'])
    expect(await tables('stock')).toEqual([])
    // The locks of the others are released.
    expect((await json(['migrate', '-t', 'people'])).answer).toMatchObject({ exitCode: 0 })
  })

  test('while it is asked about tables: migrate continues with the others', async () => {
    const stage = await stageWith('TABLE_TYPE,TABLE_ROWS', {
      'stock/0002_more.sql': migration('ALTER TABLE old ADD COLUMN n INT;'),
    })
    await stage.query('CREATE TABLE old (id INT PRIMARY KEY)', 'stock')
    const { answer } = await stage.json(['migrate'])
    expect(answer).toMatchObject({
      exitCode: 69,
      outcomes: [{ state: 'done' }, { target: { database: 'stock' }, state: 'not-reached' }, { state: 'blocked' }],
    })
  })

  test('while it is asked for rows that were put back: a rollback of others continues, and it is no defect', async () => {
    const files = { 'people/0002_more.sql': tableMigration('more', '-- wwdb:requires stock/0001') }
    const stage = await stageWith("'wwdb_undo'", files)
    expect((await stage.json(['migrate'])).answer).toMatchObject({ exitCode: 0 })
    const { answer } = await stage.json([
      'rollback',
      '--to',
      '0',
      '-t',
      'people',
      '-t',
      'stock',
      '-t',
      'bills',
      '--yes',
    ])
    expect(answer).toMatchObject({ exitCode: 69, outcomes: [{}, {}, {}] })
  })

  test('baseline and seed continue with the other databases', async () => {
    const baseline = await stageWith('GET_LOCK')
    expect((await baseline.json(['baseline', '0001', '--accept-drift'])).answer).toMatchObject({
      exitCode: 69,
      outcomes: [{ state: 'done' }, lost, { state: 'done' }],
    })
    const rows = (table: string) => `table: ${table}\nkey: id\nrows:\n  - id: 1\n`
    const seeded = await stageWith('GET_LOCK', {
      'seeds/people/people.yaml': rows('people'),
      'seeds/stock/stock.yaml': rows('stock'),
    })
    for (const name of ['people', 'stock']) await seeded.query(`CREATE TABLE ${name} (id INT PRIMARY KEY)`, name)
    expect((await seeded.json(['seed'])).answer).toMatchObject({
      exitCode: 69,
      outcomes: [
        { target: { database: 'people' }, state: 'done' },
        { target: { database: 'stock' }, state: 'not-reached', code: 'CONNECTION_LOST' },
      ],
    })
    expect(await seeded.query('SELECT id FROM people', 'people')).toEqual([[1]])
  })

  test.each([
    ['when its tables are looked at', 'DATA_TYPE,IS_NULLABLE,COLUMN_DEFAULT,EXTRA,GENERATION_EXPRESSION'],
    ['when its rows are staged', 'CREATE TEMPORARY TABLE'],
    ['when its rows are compared', 'LEFT JOIN `stock` t ON'],
  ])('%s: seed continues with the other databases, and ends with 69', async (_, words) => {
    const rows = (table: string) => `table: ${table}\nkey: id\nrows:\n  - id: 1\n`
    const stage = await stageWith(words, {
      'seeds/people/people.yaml': rows('people'),
      'seeds/stock/stock.yaml': rows('stock'),
    })
    for (const name of ['people', 'stock']) await stage.query(`CREATE TABLE ${name} (id INT PRIMARY KEY)`, name)
    expect((await stage.json(['seed'])).answer).toMatchObject({
      exitCode: 69,
      outcomes: [
        { target: { database: 'people' }, state: 'done' },
        { target: { database: 'stock' }, state: 'not-reached', code: 'CONNECTION_LOST' },
      ],
    })
    expect(await stage.query('SELECT id FROM people', 'people')).toEqual([[1]])
    expect((await stage.json(['seed', '-t', 'people'])).answer).toMatchObject({ exitCode: 0 })
  })

  test('is the error of the run where it is the only one', async () => {
    const { run } = await stageWith('GET_LOCK')
    const { exitCode, stderr } = await run(['migrate', '-t', 'stock'])
    expect(exitCode, stderr).toBe(2)
    expect(stderr).toContain('CONNECTION_LOST')
  })
})
