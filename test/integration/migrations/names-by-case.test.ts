import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer, testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const schemas: (() => Promise<unknown>)[] = []

async function stageOn(url: string, text: string): Promise<Stage> {
  const stage = await openStage({ url, files: { 'app/0001_first.sql': migration(text) } })
  schemas.push(() => stage.query(`DROP DATABASE ${stage.schema('app')}`))
  return stage
}

/** The exit code and the codes of what stopped a run. */
async function migrate({ json }: Stage): Promise<readonly [exitCode: number | null, stopped: readonly string[]]> {
  const { answer, exitCode } = await json(['migrate'])
  const faults = JSON.stringify(answer).match(/"what":"[A-Z_]+(?=:)/g) ?? []
  return [exitCode, faults.map((fault) => fault.slice('"what":"'.length))]
}

/** What makes `T`, and what then takes the rows of `t`. */
const losses = [
  ['CREATE TABLE T (i INT PRIMARY KEY); DROP TABLE t;', 'DROP_TABLE'],
  ['CREATE TABLE T (i INT PRIMARY KEY); TRUNCATE TABLE t;', 'TRUNCATE_TABLE'],
  ['CREATE TABLE T (i INT PRIMARY KEY); DELETE FROM t;', 'DELETE_ALL_ROWS'],
  ['CREATE TABLE T (i INT PRIMARY KEY, n INT); UPDATE t SET n = 0;', 'UPDATE_ALL_ROWS'],
  ['CREATE TABLE T (i INT PRIMARY KEY, n INT); ALTER TABLE t DROP COLUMN n;', 'DROP_COLUMN'],
  ['CREATE TABLE T (i INT PRIMARY KEY); ALTER TABLE t MODIFY n TINYINT;', 'NARROW_COLUMN'],
  ['CREATE VIEW T AS SELECT 1 x; DELETE FROM t;', 'DELETE_ALL_ROWS'],
  ['CREATE TABLE T (i INT PRIMARY KEY); ALTER TABLE T ADD COLUMN n INT; UPDATE t SET n = 0;', 'UPDATE_ALL_ROWS'],
  ['CREATE TABLE x (i INT PRIMARY KEY); RENAME TABLE x TO T; DROP TABLE t;', 'DROP_TABLE'],
  ['CREATE TABLE x (i INT PRIMARY KEY); DELETE t FROM x AS T JOIN t;', 'DELETE_ALL_ROWS'],
  ['CREATE PROCEDURE p() CREATE TABLE T (i INT PRIMARY KEY); CALL p(); DROP TABLE t;', 'DROP_TABLE'],
] as const

describe.each(versionsInTurn(import.meta.url))('a server that distinguishes T and t, MySQL %s', (version) => {
  let url = ''
  beforeAll(async () => {
    url = (await testServerOf(version)).url
  })
  afterAll(async () => {
    for (const drop of schemas.splice(0)) await drop()
  })

  test.each(losses)('%s is stopped by %s', async (text, code) => {
    const stage = await stageOn(url, text)
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)')
    await stage.query('INSERT INTO t VALUES (1, 1), (2, 300)')
    expect(await migrate(stage)).toEqual([2, [code]])
    expect(await stage.query('SELECT id, n FROM t')).toEqual([
      [1, 1],
      [2, 300],
    ])
  })

  test('a table that differs from another one in case alone is the plan’s own', async () => {
    const stage = await stageOn(
      url,
      'CREATE TABLE T (i INT PRIMARY KEY, n INT); UPDATE T SET n = 0; ALTER TABLE T DROP COLUMN n; DROP TABLE T;',
    )
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY)')
    expect(await migrate(stage)).toEqual([0, []])
    expect(await stage.query('SHOW TABLES LIKE "t"')).toEqual([['t']])
  })

  test('a run that is killed behind RENAME TABLE t TO T sees that it ran', async () => {
    const stage = await stageOn(url, 'RENAME TABLE t TO T; CREATE TABLE u (id INT PRIMARY KEY);')
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY)')
    expect((await stage.json(['migrate'])).exitCode).toBe(0)
    await stage.query('DROP TABLE u')
    await stage.query("UPDATE wwdb_journal SET state = 'open' WHERE statement = 0 AND summary LIKE 'RENAME%'")
    const { answer } = await stage.json(['migrate'])
    expect(JSON.stringify(answer)).not.toContain('RENAME TABLE t, T failed')
    expect(await stage.query("SELECT state FROM wwdb_journal WHERE summary LIKE 'RENAME%'")).toEqual([['closed']])
  })
})

describe('a server that takes T and t for one table', () => {
  let server: OwnServer | null = null
  beforeAll(async () => {
    const flags = ['--lower-case-table-names=1']
    server = await startServer({ flags, initialFlags: flags })
  })
  afterAll(async () => {
    schemas.length = 0
    await server?.stop()
  })

  test.each([
    'CREATE TABLE T (i INT PRIMARY KEY, n INT); UPDATE t SET n = 0; ALTER TABLE t DROP COLUMN n; DROP TABLE t;',
    'CREATE TABLE Kept (i INT PRIMARY KEY); ALTER TABLE KEPT ADD COLUMN n INT; UPDATE kept SET n = 0;',
  ])('%s loses nothing', async (text) => {
    expect(await migrate(await stageOn(server?.url ?? '', text))).toEqual([0, []])
  })

  test('rows that a table got under the other spelling are lost by DROP TABLE', async () => {
    const stage = await stageOn(server?.url ?? '', 'DROP TABLE IF EXISTS T; RENAME TABLE old TO t; DROP TABLE T;')
    await stage.query('CREATE TABLE old (id INT PRIMARY KEY)')
    expect(await migrate(stage)).toEqual([2, ['DROP_TABLE']])
  })
})
