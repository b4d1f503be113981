import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** So many rows with ids 3, 6, 9, and a table without rows. */
const filled = (count: number): string =>
  migration(
    `SET cte_max_recursion_depth = 100000;
CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, note VARCHAR(20) NOT NULL DEFAULT '');
CREATE TABLE none (id INT PRIMARY KEY);
CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, rows_seen INT NOT NULL);
INSERT INTO a (id, n) SELECT i * 3, i FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${count}) SELECT i FROM s) x;`,
  )

const migrate = ['migrate', '--yes', '--no-probe']
const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
const up = (body: string): string => `export async function up(knex, { batch }) {\n${body}\n}`

/** Adds one to each row that it is given. */
const add = "await knex('a').whereIn('id', rows.map((row) => row.id)).update({ n: knex.raw('n + 1') })"

describe.each(versionsInTurn(import.meta.url))('batch() of a data migration, MySQL %s', (version) => {
  async function project(code: string, count = 1000): Promise<Stage> {
    const { url } = await testServerOf(version)
    const app = await stage({ url, files: { 'app/0001_a.sql': filled(count), 'app/0002_b.mjs': code } })
    expect(await app.run([...migrate, '--to', '0001'])).toMatchObject({ exitCode: 0 })
    return app
  }

  const journal = (app: Stage) =>
    app.query(
      "SELECT state, affected, details->>'$.batch.chunks', details->>'$.batch.rows', details->>'$.error' IS NULL FROM wwdb_journal WHERE version = '0002'",
    )

  test('gives each row once, in chunks; several batches follow each other, and what is written behind them is written once', async () => {
    const app = await project(
      up(`
  await batch(knex('none'), async () => { throw new Error('it has no rows') })
  await batch(knex('a').where('n', '<=', 900).select('id', 'n'), async (rows) => {
    ${add}
    await knex('log').insert({ rows_seen: rows.length })
  }, { rows: 200, time: '1m' })
  await batch(knex('a').where('n', 1001), async ([row, ...more]) => {
    await knex('a').where('id', row.id).update({ note: row.n + ' ' + more.length })
  }, { key: 'PRIMARY', time: '1s', rows: 1000 })
  await knex('log').insert({ rows_seen: 7 })`),
    )
    await app.query('UPDATE a SET n = 1001 WHERE id = 3000')
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT SUM(n) - SUM(id DIV 3) FROM a')).toEqual([['901']])
    expect(await app.query("SELECT id, note FROM a WHERE note <> ''")).toEqual([[3000, '1001 0']])
    expect(await app.query('SELECT rows_seen, COUNT(*) FROM log GROUP BY rows_seen ORDER BY 1')).toEqual([
      [7, 1],
      [100, 1],
      [200, 4],
    ])
    expect(await journal(app)).toEqual([['closed', 907, '6', '906', 1]])
  })

  test('a row that the code fails on is named by its key, what was before it stays, and the next run continues there', async () => {
    const app = await project(
      up(`await batch(knex('a'), async (rows) => {
  ${add}
  for (const row of rows) if (row.note === 'bad') throw new Error('this row is bad')
}, { rows: 300 })`),
    )
    await app.query("UPDATE a SET note = 'bad' WHERE id = 1503")
    const failed = await app.run(migrate)
    expect(failed.exitCode).toBe(2)
    expect(oneLine(failed.stderr)).toContain('at the row with `id` = 1503.')
    expect(oneLine(failed.stderr)).toContain('this row is bad. 500 rows in')
    expect(await app.query('SELECT SUM(n > id DIV 3), MAX(IF(n > id DIV 3, id, 0)) FROM a')).toEqual([['500', 1500]])
    expect(await journal(app)).toEqual([['entered', null, expect.any(String), '500', 0]])
    const code = await app.run([...migrate, '--dry-run'])
    expect(code.exitCode).toBe(0)
    await app.query("UPDATE a SET note = '' WHERE id = 1503")
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT MIN(n - id DIV 3), MAX(n - id DIV 3) FROM a')).toEqual([[1, 1]])
  })

  test('code that was changed halfway is refused, and --stop-at ends it between two chunks', async () => {
    const good = up(`await batch(knex('a'), async (rows) => { ${add} }, { rows: 300, time: '1m' })`)
    const app = await project(good.replace(add, `${add}; if (rows.length < 300) throw new Error('the last ones')`))
    expect((await app.run(migrate)).exitCode).toBe(2)
    app.write('app/0002_b.mjs', good)
    const refused = await app.run(migrate)
    expect(refused.exitCode).toBe(2)
    expect(oneLine(refused.stderr)).toContain('was changed after its batches had changed')
    expect(await app.run(['repair', '--not-run', 'app/0002:1', '--yes'])).toMatchObject({ exitCode: 0 })
    const slow = up(`await batch(knex('a'), async (rows) => {
  ${add}
  await knex.raw('DO SLEEP(0.2)')
}, { rows: 50 })`)
    app.write('app/0002_b.mjs', slow)
    const stopAt = `${new Date(Date.now() + 3000).toISOString().slice(0, 19)}Z`
    const stopped = await app.run([...migrate, '--stop-at', stopAt])
    expect(stopped.exitCode, stopped.stderr).toBe(75)
    const [[changed] = []] = await app.query('SELECT SUM(n > id DIV 3 + 1) FROM a')
    expect(Number(changed)).toBeLessThan(1000)
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT n - id DIV 3, COUNT(*) FROM a GROUP BY 1 ORDER BY 1')).toEqual([
      [1, 100],
      [2, 900],
    ])
  })
})

const refusals = [
  [
    'a write before it',
    `await knex('log').insert({ rows_seen: 1 }); await batch(knex('a'), async () => {})`,
    'changed rows before it called',
  ],
  ['a query that is no plain SELECT', `await batch(knex('a').count('*'), async () => {})`, 'COUNT()'],
  ['an unknown option', `await batch(knex('a'), async () => {}, { size: 5 })`, 'has no option `size`'],
  ['no query', `await batch('a', async () => {})`, 'not called with a query and a function'],
  [
    'a change of the key',
    `await batch(knex('a'), async () => { await knex('a').update({ id: 7 }).where('id', 3) })`,
    'changes `id` of the key',
  ],
  [
    'an insert into the table',
    `await batch(knex('a'), async () => { await knex('a').insert({ id: 7, n: 1 }) })`,
    'inserts into `a`',
  ],
  [
    'a second one inside',
    `await batch(knex('a'), async () => { await batch(knex('none'), async () => {}) })`,
    'begun while another one runs',
  ],
  [
    'a query beside it',
    `await Promise.all([batch(knex('a'), async () => {}), knex('log').insert({ rows_seen: 1 })])`,
    'sent beside a batch',
  ],
  [
    'a forgotten query',
    `await batch(knex('a'), async () => { knex('log').insert({ rows_seen: 1 }) })`,
    'made a query (INSERT) that was never run',
  ],
  [
    'an emptied table',
    `await batch(knex('a'), async (rows) => { for (const { id } of rows) await knex('a').where({ id }).del() })`,
    'DELETE_ALL_ROWS',
  ],
  [
    'DDL',
    `await batch(knex('a'), async () => { await knex.raw('ALTER TABLE a ADD x INT') })`,
    'cannot run ALTER TABLE',
  ],
] as const

test('what could not be continued is refused, and nothing is kept', async () => {
  const { url } = await testServerOf('9.7')
  const app = await stage({ url, files: { 'app/0001_a.sql': filled(20) } })
  expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
  for (const [what, body, why] of refusals) {
    app.write('app/0002_b.mjs', up(body))
    const refused = await app.run(migrate)
    expect(refused.exitCode, what).toBe(2)
    expect(oneLine(refused.stderr), what).toContain(why)
    expect(await app.query('SELECT (SELECT COUNT(*) FROM a), (SELECT COUNT(*) FROM log)'), what).toEqual([[20, 0]])
  }
})
