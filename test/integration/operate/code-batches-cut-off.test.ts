import { expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const migrate = ['migrate', '--yes', '--no-probe']
const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

const filled = migration(`CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL);
CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, rows_seen INT NOT NULL);
INSERT INTO a (id, n) SELECT i, 0 FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 30) SELECT i FROM s) x;`)

const add = "await knex('a').whereIn('id', rows.map((row) => row.id)).update({ n: knex.raw('n + 1') })"
const options = "{ rows: 10, time: '1m' }"

async function project(body: string): Promise<Stage> {
  const { url } = await testServerOf('9.7')
  const code = `export async function up(knex, { batch }) {\n${body}\n}`
  const app = await stage({ url, files: { 'app/0001_a.sql': filled, 'app/0002_b.mjs': code } })
  expect(await app.run([...migrate, '--to', '0001'])).toMatchObject({ exitCode: 0 })
  return app
}

const changed = (app: Stage) => app.query('SELECT n, COUNT(*) FROM a GROUP BY n ORDER BY n')
const journal = (app: Stage) =>
  app.query(
    "SELECT state, details->>'$.batch.chunks', details->>'$.error' IS NULL FROM wwdb_journal WHERE version = '0002'",
  )

test('code that ends its process within a chunk, or takes too long, leaves what is committed, says so, and the next run continues', async () => {
  const app = await project(`const cut = (await knex('log').max({ at: 'rows_seen' }))[0].at
await batch(knex('a'), async (rows) => {
  ${add}
  if (cut === 1 && rows[0].id > 10) process.exit(3)
  if (cut === 2 && rows[0].id > 20) await knex.raw('DO SLEEP(20)')
}, { rows: 10, time: '1m' })`)
  await app.query('INSERT INTO log (rows_seen) VALUES (1)')
  const ended = await app.run(migrate)
  expect(ended.exitCode).toBe(2)
  expect(oneLine(ended.stderr)).toContain('exit code 3')
  expect(oneLine(ended.stderr)).not.toContain('Nothing that it changed was kept')
  expect(oneLine(ended.stderr)).toContain('10 rows in 1 chunk are changed and committed')
  expect(await changed(app)).toEqual([
    [0, 20],
    [1, 10],
  ])
  expect(await journal(app)).toEqual([['entered', '1', 0]])
  await app.query('INSERT INTO log (rows_seen) VALUES (2)')
  const late = await app.run([...migrate, '--statement-timeout', '3s'])
  expect(late.exitCode, late.stderr).toBe(2)
  expect(await changed(app)).toEqual([
    [0, 10],
    [1, 20],
  ])
  expect(await journal(app)).toEqual([['entered', '2', 0]])
  await app.query('DELETE FROM log')
  expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
  expect(await changed(app)).toEqual([[1, 30]])
})

test('a batch that is not awaited does not end as done', async () => {
  const app = await project(`batch(knex('a'), async (rows) => {
  ${add}
  await new Promise((resolve) => setTimeout(resolve, 50))
}, ${options})`)
  const failed = await app.run(migrate)
  expect(failed.exitCode).toBe(2)
  expect(oneLine(failed.stderr)).toContain('was not awaited')
  expect(await changed(app)).toEqual([[0, 30]])
})

test('an error behind a batch, and a table that the last chunk empties, do not claim that all was rolled back', async () => {
  const thrown = await project(`await batch(knex('a'), async (rows) => { ${add} }, ${options})
throw new Error('behind it')`)
  const failed = await thrown.run(migrate)
  expect(failed.exitCode).toBe(2)
  expect(oneLine(failed.stderr)).toContain('30 rows in 3 chunks are changed and committed')
  expect(oneLine(failed.stderr)).not.toContain('its changes were rolled back')
  const emptied = await project(`await batch(knex('a'), async (rows) => {
  for (const { id } of rows) await knex('a').where({ id }).del()
}, ${options})`)
  const refused = await emptied.run(migrate)
  expect(oneLine(refused.stderr)).toContain('DELETE_ALL_ROWS')
  expect(oneLine(refused.stderr)).toContain('20 rows in 2 chunks')
  expect(oneLine(refused.stderr)).not.toContain('All changes of the code were rolled back')
  expect(await emptied.query('SELECT COUNT(*) FROM a')).toEqual([[10]])
})

test('a batch within a transaction of knex is refused before its first chunk', async () => {
  const app = await project(`await knex.transaction((trx) => batch(trx('a'), async (rows) => { ${add} }, ${options}))`)
  const refused = await app.run(migrate)
  expect(refused.exitCode).toBe(2)
  expect(oneLine(refused.stderr)).toContain('within a transaction of knex')
  expect(await changed(app)).toEqual([[0, 30]])
})

test('rows move to a table of the same name in another schema', async () => {
  const app = await project(`const [[{ other }]] = await knex.raw("SELECT CONCAT(DATABASE(), '_old') other")
await batch(knex('a').where('id', '<=', 15), async (rows) => {
  await knex.withSchema(other).from('a').insert(rows)
}, ${options})`)
  const [[schema] = []] = await app.query('SELECT DATABASE()')
  await app.query(`CREATE DATABASE \`${schema}_old\``)
  await app.query(`CREATE TABLE \`${schema}_old\`.a (id INT PRIMARY KEY, n INT NOT NULL)`)
  const done = await app.run(migrate)
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await app.query(`SELECT COUNT(*) FROM \`${schema}_old\`.a`)).toEqual([[15]])
  await app.query(`DROP DATABASE \`${schema}_old\``)
})
