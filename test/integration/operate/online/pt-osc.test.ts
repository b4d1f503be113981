import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, testServerOf } from '../../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
let environment: Record<string, string> = {}

beforeAll(async () => {
  if (isAvailable('pt-osc')) environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
})

const orders = migration(
  'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) NOT NULL, n INT, note TEXT);',
  'DROP TABLE orders;',
)

async function fill(stage: Stage, rows: number): Promise<void> {
  await stage.query("INSERT INTO orders (code, n, note) VALUES ('first', 1, 'x')")
  for (let count = 1; count < rows; count *= 2)
    await stage.query(
      `INSERT INTO orders (code, n, note) SELECT CONCAT('code ', id + ${count}), n + ${count}, REPEAT(code, 3) FROM orders LIMIT ${rows - count}`,
    )
}

describe.runIf(isAvailable('pt-osc')).each(['9.7', '8.0'] as const)(
  'a table changed by pt-online-schema-change, MySQL %s',
  (version) => {
    async function prepare(alter: string, rows = 2000, configuration: object = { online: { inplace: '0' } }) {
      const { url } = await testServerOf(version)
      const stage = await openStage({ url, files: { 'app/0001_orders.sql': orders }, configuration })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await fill(stage, rows)
      stage.write('app/0002_change.sql', migration(`-- wwdb:online\n${alter};`, 'SELECT 1;'))
      return stage
    }

    test('is copied, compared and swapped; the table as it was is kept, and nothing of the tool is left', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT, CHANGE note remark TEXT')
      const before = await stage.query('SELECT COUNT(*), MAX(id) FROM orders')
      const run = await stage.run(['migrate', '--yes'], { environment })
      expect(run.stdout + run.stderr).toContain('by a copy')
      expect(run).toMatchObject({ exitCode: 0 })
      expect(await stage.query('SELECT COUNT(*), MAX(id) FROM orders')).toEqual(before)
      const [column] = await stage.query("SHOW COLUMNS FROM orders LIKE 'n'")
      expect(column?.[1]).toMatch(/^bigint/)
      const tables = (await stage.query('SHOW TABLES')).map(([name]) => String(name))
      expect(tables.filter((name) => !name.startsWith('wwdb_'))).toEqual([
        expect.stringMatching(/^_hold_\d{8}_[0-9a-f]{8}_orders$/),
        'orders',
      ])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
      expect(await stage.query("SELECT state FROM wwdb_journal WHERE version = '0002'")).toEqual([['closed']])
      expect(await stage.query('SELECT state FROM wwdb_online')).toEqual([['held']])
      expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    })

    const own = async (stage: Stage): Promise<readonly string[]> =>
      (await stage.query('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_'))

    test('is changed instantly, or in place where it is small, without a tool', async () => {
      const stage = await prepare('ALTER TABLE orders ADD COLUMN paid INT', 10, {})
      const instant = await stage.run(['migrate', '--yes'])
      expect(instant.stdout + instant.stderr).toContain('changed `orders` instantly')
      stage.write('app/0003_index.sql', migration('-- wwdb:online\nALTER TABLE orders ADD INDEX n (n);', 'SELECT 1;'))
      const inPlace = await stage.run(['migrate', '--yes'])
      expect(inPlace.stdout + inPlace.stderr).toContain('changed `orders` in place')
      expect(await own(stage)).toEqual(['orders'])
    })

    test('loses no write that comes while it is copied and swapped', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20_000)
      let [isOver, written, turn] = [false, 0, 0]
      const writing = (async () => {
        while (!isOver) {
          turn += 1
          await stage.query(`INSERT INTO orders (code, n) VALUES ('late ${turn}', -1)`)
          await stage.query(`UPDATE orders SET n = n + 1000000 WHERE id = ${turn * 7}`)
          await stage.query(`DELETE FROM orders WHERE id = ${turn * 11 + 1}`)
          written += 1
        }
      })()
      const run = await stage.run(['migrate', '--yes'], { environment })
      isOver = true
      await writing
      expect(run.stdout + run.stderr).toContain('by a copy')
      expect(written).toBeGreaterThan(20)
      expect(await stage.query('SELECT COUNT(*) FROM orders WHERE n = -1')).toEqual([[written]])
      const deleted = `SELECT COUNT(*) FROM orders WHERE id IN (${Array.from({ length: written }, (_, at) => (at + 1) * 11 + 1).join()})`
      expect(await stage.query(deleted)).toEqual([[0]])
    })

    test('stays as it is where the tool cannot change it, and nothing is started', async () => {
      const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          ['CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW SET @a = 1'],
          /triggers `t`, .*gh-ost/,
        ],
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          ['CREATE TABLE child (id INT, CONSTRAINT child_fk FOREIGN KEY (id) REFERENCES orders (id))'],
          /foreign keys `child_fk`/,
        ],
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          ['ALTER TABLE orders MODIFY id INT NOT NULL, DROP PRIMARY KEY'],
          /no primary key/,
        ],
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          ['CREATE TABLE _orders_new LIKE orders'],
          /left `_orders_new`.*DROP TABLE/,
        ],
        ['ALTER TABLE orders RENAME COLUMN n TO m, ENGINE=InnoDB', [], /RENAME COLUMN/],
        ['ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, code)', [], /drops the primary key/],
      ]
      for (const [alter, before, message] of refused) {
        const stage = await prepare(alter, 20)
        for (const text of before) await stage.query(text)
        const tables = await own(stage)
        const run = await stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], { environment })
        expect(run.stderr.replace(/\s+/g, ' '), alter).toMatch(message)
        expect(run.exitCode).toBe(2)
        expect(await own(stage)).toEqual(tables)
      }
    })

    test('gets a unique key only where no two rows are equal in it, in the collation that it will have', async () => {
      const unique = await prepare('ALTER TABLE orders ADD UNIQUE KEY code (code), MODIFY n BIGINT', 20)
      if (version === '8.0') {
        const run = await unique.run(['migrate', '--yes'], { environment })
        expect(run.stderr.replace(/\s+/g, ' ')).toContain('before MySQL 8.0.13')
        return
      }
      await unique.query("UPDATE orders SET code = IF(id = 2, 'code 1', CONCAT('code ', id))")
      const refused = await unique.run(['migrate', '--yes'], { environment })
      expect(refused.stderr.replace(/\s+/g, ' ')).toContain('are equal in the unique key `code`')
      await unique.query("UPDATE orders SET code = 'second' WHERE id = 2")
      const done = await unique.run(['migrate', '--yes'], { environment })
      expect(done.stdout + done.stderr).toContain('by a copy')

      const alter =
        'ALTER TABLE orders MODIFY code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL'
      const collation = await prepare(alter, 4)
      await collation.query(
        'ALTER TABLE orders MODIFY code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, ADD UNIQUE KEY code (code)',
      )
      await collation.query("UPDATE orders SET code = 'FIRST' WHERE id = 2")
      const equal = await collation.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], { environment })
      expect(equal.stderr.replace(/\s+/g, ' ')).toContain('are equal in the unique key `code`')
    })

    /** A run that copies and cannot swap, as a transaction holds the table. */
    async function copied() {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 40_000, {
        online: { inplace: '0' },
        guard: { transaction: 'none', budget: '3s' },
      })
      const { url } = await testServerOf(version)
      const reader = await createConnection({ uri: url, database: stage.schema('app') })
      const running = stage.run(['migrate', '--yes'], { environment })
      await expect
        .poll(async () => (await stage.query('SHOW TRIGGERS')).length, { timeout: 30_000, interval: 5 })
        .toBe(3)
      await reader.query('START TRANSACTION')
      await reader.query('SELECT COUNT(*) FROM orders')
      const run = await running
      await reader.end()
      return { stage, run }
    }

    test('keeps the copy where the table is in use, and the next run swaps it', async () => {
      const { stage, run } = await copied()
      expect(run.stderr.replace(/\s+/g, ' ')).toContain('could not take its place')
      expect(await own(stage)).toEqual(['_orders_new', 'orders'])
      await stage.query("INSERT INTO orders (code, n) VALUES ('between', 7)")
      const again = await stage.run(['migrate', '--yes'])
      expect(again.stdout + again.stderr).toContain('40001 rows were compared')
      expect(await stage.query("SELECT n FROM orders WHERE code = 'between'")).toEqual([[7]])
      expect(await own(stage)).toEqual([expect.stringMatching(/^_hold_/), 'orders'])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
    })

    test.each([
      ['a row changed by hand', 'UPDATE _orders_new SET n = n + 1 WHERE id = 2', 'the row 2 is different'],
      ['a missing row', 'DELETE FROM _orders_new WHERE id = 2', 'the row 2 is missing in the copy'],
      [
        'a row too many',
        "INSERT INTO _orders_new (id, code) VALUES (100000, 'x')",
        'the row 100000 is extra in the copy',
      ],
      ['NULL for an empty text', 'UPDATE _orders_new SET note = NULL WHERE id = 2', 'the row 2 is different'],
    ])('never gets a copy with %s', async (_, damage, message) => {
      const { stage } = await copied()
      await stage.query("UPDATE orders SET note = '' WHERE id = 2")
      await stage.query(damage)
      const run = await stage.run(['migrate', '--yes'], { environment })
      expect(run.exitCode).toBe(2)
      expect(run.stderr.replace(/\s+/g, ' ')).toContain(message)
      expect(await own(stage)).toEqual(['orders'])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
      expect(await stage.run(['migrate', '--yes'], { environment })).toMatchObject({ exitCode: 0 })
    })

    test('without the tool on PATH the run says so, and the table is as it was', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
      const run = await stage.run(['migrate', '--yes'], { environment: { PATH: '/nowhere' } })
      expect(run.stderr.replace(/\s+/g, ' ')).toContain('`pt-online-schema-change` is not on PATH')
      expect(await own(stage)).toEqual(['orders'])
    })
  },
)
