import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Connection, createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc, holdCopy } from '../../../helpers/operate/pt-osc.ts'
import { randomName } from '../../../helpers/servers/schema.ts'
import { isAvailable, testServerOf } from '../../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
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

describe.runIf(isAvailable('pt-osc')).each(versionsInTurn(import.meta.url))(
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
        [
          'ALTER TABLE orders DROP COLUMN n, ADD COLUMN n BIGINT DEFAULT 5, MODIFY note LONGTEXT',
          [],
          /drops the column `n` and adds another of the same name/,
        ],
        [
          'ALTER TABLE orders ADD PARTITION PARTITIONS 2',
          ['ALTER TABLE orders PARTITION BY HASH (id) PARTITIONS 4'],
          /ADD PARTITION works on the partitions/,
        ],
        ['ALTER TABLE orders MODIFY n TIMESTAMP NULL', [], /depends on the time zone/],
        [
          'ALTER TABLE orders MODIFY n BIGINT NOT NULL',
          ['UPDATE orders SET n = NULL WHERE id = 20'],
          /`n` becomes NOT NULL, and rows of it are NULL/,
        ],
        // 8.0.12 reads CHECK and makes nothing of it.
        ...(version === '8.0'
          ? []
          : ([
              [
                'ALTER TABLE orders MODIFY n BIGINT',
                ['ALTER TABLE orders ADD CONSTRAINT small CHECK (n < 1000000)'],
                /CHECK constraints `small`, to which pt-online-schema-change gives other names/,
              ],
            ] as const)),
      ]
      for (const [alter, before, message] of refused) {
        const stage = await prepare(alter, 20)
        for (const text of before) await stage.query(text)
        const tables = await own(stage)
        const allowed = ['--allow', 'DROP_COLUMN', '--allow', 'NARROW_COLUMN']
        const run = await stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe', ...allowed], { environment })
        expect(run.stderr.replace(/\s+/g, ' '), alter).toMatch(message)
        expect(run.exitCode).toBe(2)
        expect(await own(stage)).toEqual(tables)
      }
    })

    test('stays as it is where a trigger of another table has a name that the tool would give, and the trigger stays', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
      await stage.query('CREATE TABLE other (id INT PRIMARY KEY)')
      const trigger = `pt_osc_${stage.schema('app')}_orders_ins`
      await stage.query(`CREATE TRIGGER ${trigger} AFTER INSERT ON other FOR EACH ROW SET @a = 1`)
      const run = await stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], { environment })
      expect(run.exitCode).toBe(2)
      expect(run.stderr.replace(/\s+/g, ' ')).toContain(`The trigger \`${trigger}\` on \`other\` has the name`)
      expect(await own(stage)).toEqual(['orders', 'other'])
      expect(await stage.query('SHOW TRIGGERS')).toHaveLength(1)
    })

    /** The server of a stage, with an account of its own that has rights on its schemas alone. */
    async function withAccount<T>(
      stage: Stage,
      global: string,
      work: (url: string, root: Connection) => Promise<T>,
    ): Promise<T> {
      const { url } = await testServerOf(version)
      const root = await createConnection({ uri: url })
      const [user, password] = [randomName('u'), `p"a'#\\;$ x`]
      try {
        await root
          .query('CREATE USER ?@? IDENTIFIED WITH mysql_native_password BY ?', [user, '%', password])
          .catch(() => root.query('CREATE USER ?@? IDENTIFIED BY ?', [user, '%', password]))
        await root.query(`GRANT ALL ON ${stage.schema('app')}.* TO ${user}`)
        await root.query(`GRANT SELECT ON performance_schema.* TO ${user}`)
        await root.query(`GRANT ${global} ON *.* TO ${user}`)
        const own = new URL(url)
        own.username = user
        own.password = encodeURIComponent(password)
        return await work(own.href, root)
      } finally {
        await root.query(`DROP USER IF EXISTS ${user}`)
        await root.end()
      }
    }

    test('stays as it is where a table that the account cannot see references it', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
      const far = randomName('far')
      await withAccount(stage, 'PROCESS, SUPER', async (url, root) => {
        await root.query(`CREATE DATABASE ${far}`)
        try {
          await root.query(
            `CREATE TABLE ${far}.child (id INT, CONSTRAINT far_fk FOREIGN KEY (id) REFERENCES ${stage.schema('app')}.orders (id))`,
          )
          const run = await stage.run(['migrate', '--yes', '--no-probe', '--url', url], { environment })
          expect(run.stderr.replace(/\s+/g, ' ')).toContain('The foreign keys `far_fk` are on it or reference it')
          expect(await own(stage)).toEqual(['orders'])
        } finally {
          await root.query(`DROP DATABASE ${far}`)
        }
        const run = await stage.run(['migrate', '--yes', '--no-probe', '--url', url], { environment })
        expect(run.stdout + run.stderr).toContain('by a copy')
      })
    })

    test('says what the server answered where the account may not create triggers beside a binary log', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
      await withAccount(stage, 'PROCESS', async (url) => {
        const run = await stage.run(['migrate', '--yes', '--no-probe', '--url', url], { environment })
        expect(run.exitCode).toBe(2)
        expect(run.stderr.replace(/\s+/g, ' ')).toContain('SUPER privilege and binary logging is enabled')
        expect(await own(stage)).toEqual(['orders'])
      })
    })

    test('is copied with the flags of wwdb alone, whatever files of the home folder say', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
      await writeFile(join(stage.folder, '.percona-toolkit.conf'), 'new-table-name=%T_other\n')
      const run = await stage.run(['migrate', '--yes'], { environment: { ...environment, HOME: stage.folder } })
      expect(run.stdout + run.stderr).toContain('by a copy')
    })

    test('is not used by what copied and compared it', async () => {
      const { url } = await testServerOf(version)
      const created = `${orders.split(';')[0]};`
      const filled = `INSERT INTO orders (code, n) VALUES ('a', 1), ('b', 2);`
      const stage = await openStage({
        url,
        files: {
          'app/0001_orders.sql': migration(
            `${created.replace('-- migrate:up', '').trim()}\n${filled}`,
            'DROP TABLE orders;',
          ),
          'app/0002_change.sql': migration('-- wwdb:online\nALTER TABLE orders MODIFY n BIGINT;', 'SELECT 1;'),
        },
        configuration: { online: { inplace: '0' } },
      })
      const run = await stage.run(['migrate', '--yes'], { environment })
      expect(run.stdout + run.stderr).toContain('by a copy')
      const uses = await stage.run(['uses', 'orders.n'])
      expect(uses.stdout).toContain('No statement that could be judged names `orders.n`')
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

    test('leaves nothing of a copy that was paused for too long, and says that it is made again', async () => {
      const lock = `gate of ${process.pid} ${version}`
      const gate = { sql: `SELECT IS_USED_LOCK('${lock}') IS NOT NULL`, most: 0 }
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 40_000, {
        online: { inplace: '0' },
        throttle: { queries: { gate }, limit: '3s', every: '100ms' },
      })
      const { url } = await testServerOf(version)
      const holder = await createConnection({ uri: url, database: stage.schema('app') })
      const held = await holdCopy(stage.folder)
      const running = stage.run(['migrate', '--yes'], { environment: held.environment })
      const poll = (read: () => Promise<number>) => expect.poll(read, { timeout: 30_000, interval: 5 })
      await poll(async () => (await stage.query('SHOW TRIGGERS')).length).toBe(3)
      // The last row keeps the copy from being complete.
      await holder.query('START TRANSACTION')
      await holder.query('SELECT id FROM orders ORDER BY id DESC LIMIT 1 FOR UPDATE')
      await held.release()
      await holder.query(`SELECT GET_LOCK('${lock}', 5)`)
      const waits = `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DROP TRIGGER%${stage.schema('app')}%'`
      await poll(async () => (await stage.query(waits)).length).toBe(1)
      await holder.end()
      const run = await running
      expect(run.stderr.replace(/\s+/g, ' ')).toContain('its incomplete copy was removed, and is made again')
      expect(await own(stage)).toEqual(['orders'])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
      // A busy machine may take longer to answer the bound than the governor waits.
      const again = await stage.run(['migrate', '--yes', '--throttle', 'off'], { environment })
      expect(again, again.stdout + again.stderr).toMatchObject({ exitCode: 0 })
    })

    /** A run that copies and cannot swap, as a transaction holds the table. */
    async function copied() {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 40_000, {
        online: { inplace: '0' },
        guard: { transaction: 'none', budget: '3s' },
      })
      const { url } = await testServerOf(version)
      const reader = await createConnection({ uri: url, database: stage.schema('app') })
      const held = await holdCopy(stage.folder)
      const running = stage.run(['migrate', '--yes'], { environment: held.environment })
      await expect
        .poll(async () => (await stage.query('SHOW TRIGGERS')).length, { timeout: 30_000, interval: 5 })
        .toBe(3)
      await reader.query('START TRANSACTION')
      await reader.query('SELECT COUNT(*) FROM orders')
      await held.release()
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
      expect(again.stdout + again.stderr).toContain('40,001 rows were compared')
      expect(await stage.query("SELECT n FROM orders WHERE code = 'between'")).toEqual([[7]])
      expect(await own(stage)).toEqual([expect.stringMatching(/^_hold_/), 'orders'])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
    })

    test('is copied again where the statement was corrected after a copy that could not be swapped', async () => {
      const { stage } = await copied()
      stage.write(
        'app/0002_change.sql',
        migration('-- wwdb:online\nALTER TABLE orders MODIFY n DECIMAL(20,2);', 'SELECT 1;'),
      )
      expect(await stage.run(['migrate', '--yes'], { environment })).toMatchObject({ exitCode: 0 })
      const [column] = await stage.query("SHOW COLUMNS FROM orders LIKE 'n'")
      expect(column?.[1]).toBe('decimal(20,2)')
    })

    test('keeps a column that it got by hand beside a copy that could not be swapped', async () => {
      const { stage } = await copied()
      await stage.query('ALTER TABLE orders ADD COLUMN late INT DEFAULT 3')
      const run = await stage.run(['migrate', '--yes', '--drift', 'off'], { environment })
      expect(run).toMatchObject({ exitCode: 0 })
      expect(await stage.query('SELECT n, late FROM orders WHERE id = 1')).toEqual([[1, 3]])
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
