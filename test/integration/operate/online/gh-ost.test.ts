import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGhOst } from '../../../helpers/operate/gh-ost.ts'
import { standInFor, type TestTool } from '../../../helpers/operate/stand-in.ts'
import { testServerOf } from '../../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
const real = await findGhOst()

const orders = migration(
  'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) NOT NULL, n INT, note TEXT);',
  'DROP TABLE orders;',
)

async function fill(stage: Stage, rows: number): Promise<void> {
  await stage.query(
    `INSERT INTO orders (code, n, note) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${Math.min(rows, 1000)}) SELECT CONCAT('code ', i), i, REPEAT('x', 30) FROM s`,
  )
  for (let count = 1000; count < rows; count *= 2)
    await stage.query(`INSERT INTO orders (code, n, note) SELECT code, n, note FROM orders LIMIT ${rows - count}`)
}

const own = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.query('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_'))
const flat = (text: string): string => text.replace(/\s+/g, ' ')

describe.each(['a stand-in', ...(real === null ? [] : (['gh-ost itself'] as const))] as const)(
  'a table changed by gh-ost, by %s',
  (kind) => {
    let tool: TestTool
    beforeAll(async () => {
      tool = kind === 'a stand-in' ? await standInFor('gh-ost') : (real ?? (await standInFor('gh-ost')))
    })
    afterAll(() => tool?.remove())

    async function prepare(alter: string, rows = 3000, configuration: object = {}) {
      const { url } = await testServerOf('9.7')
      const base = { online: { inplace: '0', tool: 'gh-ost' } }
      const stage = await openStage({
        url,
        files: { 'app/0001_orders.sql': orders },
        configuration: { ...base, ...configuration },
      })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await fill(stage, rows)
      stage.write('app/0002_change.sql', migration(`-- wwdb:online\n${alter};`, 'SELECT 1;'))
      return stage
    }
    const migrate = (stage: Stage, more: Readonly<Record<string, string>> = {}) =>
      stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], { environment: { ...tool.variables, ...more } })

    async function expectDone(stage: Stage): Promise<void> {
      expect(await own(stage)).toEqual([expect.stringMatching(/^_hold_\d{8}_[0-9a-f]{8}_orders$/), 'orders'])
      expect(await stage.query("SELECT state FROM wwdb_journal WHERE version = '0002' AND state <> 'failed'")).toEqual([
        ['closed'],
      ])
      expect(await stage.query("SELECT state FROM wwdb_online WHERE state <> 'removed'")).toEqual([['held']])
    }

    test('is copied, compared and then swapped by the tool; the table as it was is kept, and can have its name back', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT, CHANGE note remark TEXT')
      const before = await stage.query('SELECT COUNT(*), MAX(id), SUM(n) FROM orders')
      const run = await migrate(stage)
      expect(flat(run.stdout + run.stderr)).toContain('3,000 rows were compared with their copy')
      expect(run).toMatchObject({ exitCode: 0 })
      expect(await stage.query('SELECT COUNT(*), MAX(id), SUM(n) FROM orders')).toEqual(before)
      expect(await stage.query("SELECT COUNT(*) FROM orders WHERE remark = REPEAT('x', 30)")).toEqual([[3000]])
      await expectDone(stage)
      expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
      expect(await stage.run(['online', 'revert', 'orders', '--yes'])).toMatchObject({ exitCode: 0 })
      expect((await stage.query("SHOW COLUMNS FROM orders LIKE 'n%'")).map(([name]) => name)).toEqual(['n', 'note'])
    })

    test('is put under its hold name by the next run where it was in use at each attempt, with nothing else to do', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
      expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
      const [hold = ''] = await own(stage)
      // As it is where the name could not be given.
      await stage.query(`RENAME TABLE ${hold} TO _orders_del`)
      await stage.query("UPDATE wwdb_online SET state = 'swapped'")
      expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
      await expectDone(stage)
      expect((await own(stage))[0]).toBe(hold)
    })

    test('loses no write that comes while it is copied and swapped, of a row that changes all the time as well', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 8000)
      let [isOver, written, turn] = [false, 0, 0]
      const writing = (async () => {
        while (!isOver) {
          turn += 1
          await stage.query(`INSERT INTO orders (code, n) VALUES ('late ${turn}', -1)`)
          await stage.query('UPDATE orders SET n = n + 1 WHERE id = 5')
          await stage.query(`DELETE FROM orders WHERE id < 8000 AND id = ${turn * 2 + 6}`)
          written += 1
        }
      })()
      const run = await migrate(stage)
      isOver = true
      await writing
      expect(flat(run.stdout + run.stderr)).toContain('by a copy')
      expect(written).toBeGreaterThan(20)
      expect(await stage.query('SELECT COUNT(*) FROM orders WHERE n = -1')).toEqual([[written]])
      expect(await stage.query('SELECT n FROM orders WHERE id = 5')).toEqual([[5 + written]])
      await expectDone(stage)
    })

    test('stays as it is where gh-ost cannot change it, nothing is started, and the tool is named that can', async () => {
      const refused: readonly (readonly [string, string | null, RegExp])[] = [
        ['ALTER TABLE orders ADD UNIQUE KEY code (code)', null, /unique key `code`.*tool=pt-osc/],
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          'CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW SET @a = 1',
          /triggers `t`/,
        ],
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          'CREATE TABLE child (id INT, CONSTRAINT child_fk FOREIGN KEY (id) REFERENCES orders (id))',
          /foreign keys `child_fk`/,
        ],
        ['ALTER TABLE orders MODIFY n BIGINT', 'CREATE TABLE _orders_del LIKE orders', /left `_orders_del`/],
        ['ALTER TABLE orders RENAME COLUMN n TO m, ENGINE=InnoDB', null, /RENAME COLUMN is taken by gh-ost/],
        ['ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, code)', null, /by which gh-ost finds the rows/],
      ]
      for (const [alter, before, message] of refused) {
        const stage = await prepare(alter, 20)
        if (before !== null) await stage.query(before)
        const tables = await own(stage)
        const run = await migrate(stage)
        expect(flat(run.stderr), alter).toMatch(message)
        expect(run.exitCode).toBe(2)
        expect(await own(stage)).toEqual(tables)
      }
    })

    test('is not swapped, and its copy is removed, where the copy differs in one row', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000)
      const running = migrate(stage, { GH_OST_STAND_IN_OMITS: 'id = 7' })
      if (kind !== 'a stand-in') {
        const change = async (): Promise<number> => {
          const rows = await stage.query('SELECT id FROM _orders_gho WHERE id = 7').catch(() => [])
          if (rows.length > 0) await stage.query('UPDATE _orders_gho SET n = n + 1 WHERE id = 7')
          return rows.length
        }
        await expect.poll(change, { timeout: 30_000, interval: 5 }).toBe(1)
      }
      const run = await running
      expect(flat(run.stderr)).toMatch(/the row 7 is (?:different|missing)/)
      expect(run.exitCode).toBe(2)
      expect(await own(stage)).toEqual(['orders'])
    })

    test.runIf(kind === 'a stand-in')(
      'names the end of gh-ost, and no row, where gh-ost ends while its copy is compared',
      async () => {
        const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000)
        const run = await migrate(stage, { GH_OST_STAND_IN_LOSES: 'connection', GH_OST_STAND_IN_OMITS: 'id = 7' })
        expect(flat(run.stderr)).toContain('invalid connection')
        expect(flat(run.stderr)).not.toContain('the row 7')
        expect(run.exitCode).toBe(2)
        expect(await own(stage)).toEqual(['orders'])
        expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
        await expectDone(stage)
      },
    )

    test('is not swapped while a transaction holds it: the copy goes, and the next run begins it again', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000, {
        guard: { transaction: 'none', budget: '2s' },
      })
      const { url } = await testServerOf('9.7')
      const reader = await createConnection({ uri: url, database: stage.schema('app') })
      const running = migrate(stage)
      const exists = async (): Promise<boolean> => (await own(stage)).includes('_orders_gho')
      await expect.poll(exists, { timeout: 30_000, interval: 5 }).toBe(true)
      await reader.query('START TRANSACTION')
      await reader.query('SELECT COUNT(*) FROM orders')
      const run = await running
      expect(flat(run.stderr)).toContain('the table was in use at each of')
      expect(flat(run.stderr)).toContain('the next run begins it again')
      expect(await own(stage)).toEqual(['orders'])
      await reader.end()
      expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
      await expectDone(stage)
    })
  },
)

test('gh-ost is not started before MySQL 8.0.13, where writes get in between its last two steps', async () => {
  const { url } = await testServerOf('8.0')
  const stage = await openStage({
    url,
    files: {
      'app/0001_orders.sql': orders,
      'app/0002_change.sql': migration('-- wwdb:online tool=gh-ost\nALTER TABLE orders MODIFY n BIGINT;', 'SELECT 1;'),
    },
    configuration: { online: { inplace: '0' } },
  })
  const run = await stage.run(['migrate', '--yes'])
  expect(flat(run.stderr)).toMatch(/Before MySQL 8\.0\.13, gh-ost cannot swap.*tool=pt-osc/)
  expect(await own(stage)).toEqual(['orders'])
})

test('gh-ost that is missing, or too old, or still at work elsewhere is named, and nothing is changed', async () => {
  const { url } = await testServerOf('9.7')
  const stage = await openStage({
    url,
    files: {
      'app/0001_orders.sql': orders,
      'app/0002_change.sql': migration('-- wwdb:online tool=gh-ost\nALTER TABLE orders MODIFY n BIGINT;', 'SELECT 1;'),
    },
    configuration: { online: { inplace: '0' } },
  })
  const missing = await stage.run(['migrate', '--yes'], { environment: { PATH: '/usr/bin:/bin' } })
  expect(flat(missing.stderr)).toContain('`gh-ost` is not on PATH')
  const tool = await standInFor('gh-ost')
  try {
    const run = (more: Readonly<Record<string, string>>) =>
      stage.run(['migrate', '--yes'], { environment: { ...tool.variables, ...more } })
    const old = await run({ GH_OST_STAND_IN_VERSION: '1.1.9' })
    expect(flat(old.stderr)).toContain('It is version 1.1.9; wwdb works with 1.1.10 and later')
    const other = await createConnection({ uri: url, database: stage.schema('app') })
    await other.query(`DO GET_LOCK('gh-ost::${stage.schema('app')}.orders', 0)`)
    const locked = await run({})
    expect(flat(locked.stderr)).toContain('another gh-ost process holds')
    await other.end()
    expect(await own(stage)).toEqual(['orders'])
    expect(await run({})).toMatchObject({ exitCode: 0 })
  } finally {
    await tool.remove()
  }
})
