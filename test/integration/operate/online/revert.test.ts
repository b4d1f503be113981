import { beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, testServerOf } from '../../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
let environment: Record<string, string> = {}

beforeAll(async () => {
  if (isAvailable('pt-osc')) environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
})

const orders = migration(
  "CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) NOT NULL, n INT, note VARCHAR(30) DEFAULT 'x');",
  'DROP TABLE orders;',
)

describe.runIf(isAvailable('pt-osc')).each(versionsInTurn(import.meta.url))(
  'an online change that is taken back, MySQL %s',
  (version) => {
    async function changed(
      alter = 'ALTER TABLE orders MODIFY n BIGINT, CHANGE code label VARCHAR(40) NOT NULL',
      more = '',
    ) {
      const { url } = await testServerOf(version)
      const stage = await openStage({
        url,
        files: { 'app/0001_orders.sql': orders },
        configuration: { online: { inplace: '0' } },
      })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await stage.query(
        "INSERT INTO orders (code, n) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000) SELECT CONCAT('code ', i), i FROM s",
      )
      stage.write('app/0002_change.sql', migration(`-- wwdb:online\n${alter};${more}`, 'SELECT 1;'))
      const run = await stage.run(['migrate', '--yes', '--allow', 'DROP_COLUMN'], { environment })
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
      return stage
    }

    const own = async (stage: Stage): Promise<readonly string[]> =>
      (await stage.query('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_'))
    const columns = async (stage: Stage): Promise<readonly string[]> =>
      (await stage.query('SHOW COLUMNS FROM orders')).map(([name, type]) =>
        `${name} ${type}`.replace(/(int)\(\d+\)$/, '$1'),
      )
    const before = ['id int', 'code varchar(20)', 'n int', 'note varchar(30)']
    const says = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
      (stdout + stderr).replace(/\s+/g, ' ')

    test('is listed, shown by a dry run that changes nothing, and carries the rows that were written since', async () => {
      const stage = await changed()
      const [, hold] = [...(await own(stage))].reverse()
      const { answer } = await stage.json(['online', 'list'])
      expect(answer['databases']).toMatchObject([
        {
          database: 'app',
          changes: [
            { table: 'orders', migration: '0002_change', statement: 1, state: 'held', kept: hold, isDue: false },
          ],
          leftovers: [],
        },
      ])
      expect(says(await stage.run(['online', 'list']))).toContain(`orders of app: ${hold} is the table as it was since`)
      await stage.query("INSERT INTO orders (label, n) VALUES ('since', -1), ('gone', -2)")
      await stage.query("UPDATE orders SET n = n + 1, note = 'since' WHERE id IN (3, 4)")
      await stage.query('UPDATE orders SET id = 1001 - 2000 WHERE id = 5')
      await stage.query("DELETE FROM orders WHERE id = 6 OR label = 'gone'")
      const rows = await stage.query('SELECT id, label, n, note FROM orders ORDER BY id')
      const dry = await stage.run(['online', 'revert', 'orders', '--dry-run'])
      expect(says(dry)).toContain(`\`${hold}\` TO \`orders\``)
      expect(await columns(stage)).not.toEqual(before)
      expect(await stage.run(['online', 'revert', 'orders', '--no-input'])).toMatchObject({ exitCode: 2 })
      const run = await stage.run(['online', 'revert', 'orders', '--yes'])
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
      expect(says(run)).toContain('put `orders` back as it was')
      expect(await columns(stage)).toEqual(before)
      expect(await stage.query('SELECT id, code, n, note FROM orders ORDER BY id')).toEqual(rows)
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
      expect(await own(stage)).toEqual([expect.stringMatching(/^_hold_/), 'orders'])
      expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
      expect(says(await stage.run(['online', 'list']))).toContain('as a change that was taken back had made it')
      // The next number is none that a row had.
      await stage.query("INSERT INTO orders (code) VALUES ('next')")
      expect(
        await stage.query(
          "SELECT id > (SELECT id FROM orders WHERE code = 'since') + 1 FROM orders WHERE code = 'next'",
        ),
      ).toEqual([[1]])
      const again = await stage.run(['migrate', '--yes'], { environment })
      expect(says(again)).toContain('by a copy')
      expect(await own(stage)).toHaveLength(3)
    })

    test('loses no write that comes while rows are carried', async () => {
      const stage = await changed()
      let [isOver, turn] = [false, 0]
      // What each row must be: written beside the server, by the answers of the server alone.
      const wanted = new Map(Array.from({ length: 1000 }, (_, at) => [`code ${at + 1}`, at + 1]))
      const write = async (): Promise<void> => {
        const late = `late ${turn}`
        const insert = (column: string) => stage.query(`INSERT INTO orders (${column}, n) VALUES ('${late}', -1)`)
        await insert('label').catch(() => insert('code'))
        wanted.set(late, -1)
        const [changedId, goneId] = [(turn % 900) + 1, 1000 - (turn % 90)]
        await stage.query(`UPDATE orders SET n = n + 1000 WHERE id = ${changedId}`)
        wanted.set(`code ${changedId}`, (wanted.get(`code ${changedId}`) ?? 0) + 1000)
        await stage.query(`DELETE FROM orders WHERE id = ${goneId}`)
        wanted.delete(`code ${goneId}`)
      }
      const writing = (async () => {
        while (!isOver) {
          turn += 1
          await write()
        }
      })()
      const run = await stage.run(['online', 'revert', '0002', '--yes'])
      isOver = true
      await writing
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
      const found = await stage.query('SELECT code, n FROM orders')
      expect(new Map(found.map(([code, n]) => [String(code), Number(n)]))).toEqual(wanted)
      expect(found).toHaveLength(wanted.size)
    })

    test('gives a dropped column its values back', async () => {
      const stage = await changed('ALTER TABLE orders DROP COLUMN note, MODIFY n BIGINT')
      await stage.query('UPDATE orders SET n = 7 WHERE id = 1')
      await stage.query("INSERT INTO orders (code) VALUES ('new')")
      const run = await stage.run(['online', 'revert', '0002_change', '--yes'])
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
      expect(await stage.query("SELECT n, note FROM orders WHERE id = 1 OR code = 'new'")).toEqual([
        [7, 'x'],
        [null, 'x'],
      ])
    })

    test.each([
      [
        "INSERT INTO orders (label, n) VALUES ('large', 5000000000)",
        /do not fit into the table as it was.*Out of range value/,
      ],
      ['ALTER TABLE orders ADD COLUMN late INT', /The definition of the table was changed after the online change/],
      [
        'CREATE TRIGGER mine AFTER INSERT ON orders FOR EACH ROW SET @a = 1',
        /The triggers `mine` were created on it since/,
      ],
      [
        'CREATE TABLE child (id INT, CONSTRAINT child_fk FOREIGN KEY (id) REFERENCES orders (id))',
        /The foreign keys `child_fk`/,
      ],
    ])('is not taken back after %s', async (text, message) => {
      const stage = await changed()
      await stage.query(text)
      const tables = await own(stage)
      const run = await stage.run(['online', 'revert', 'orders', '--yes'])
      expect(says(run)).toMatch(message)
      expect(run.exitCode).toBe(2)
      expect(await own(stage)).toEqual(tables)
      expect((await stage.query('SHOW TRIGGERS')).map(([name]) => name).filter((name) => name !== 'mine')).toEqual([])
      expect(await stage.query("SELECT state FROM wwdb_online WHERE state = 'held'")).toHaveLength(1)
      // The change still counts as made.
      expect(await stage.run(['migrate', '--yes', '--drift', 'off'])).toMatchObject({ exitCode: 0 })
    })

    test('is not taken back, or taken back once, by a run that is killed; the next run finds which', async () => {
      for (const until of ['triggers', 'swap'] as const) {
        const stage = await changed()
        await stage.query("INSERT INTO orders (label, n) VALUES ('since', -1)")
        const rows = await stage.query('SELECT id, label, n, note FROM orders ORDER BY id')
        const tables = await own(stage)
        const running = stage.start(['online', 'revert', 'orders', '--yes'])
        const seen = async (): Promise<boolean> =>
          until === 'triggers'
            ? (await stage.query('SHOW TRIGGERS')).length > 0
            : (await own(stage)).join() !== tables.join()
        await expect.poll(seen, { timeout: 30_000, interval: 1 }).toBe(true)
        running.child.kill('SIGKILL')
        // It was still at work.
        expect(await running.ended).toMatchObject({ signal: 'SIGKILL' })
        const migrated = await stage.run(['migrate', '--yes'], { environment })
        expect(migrated, migrated.stderr).toMatchObject({ exitCode: 0 })
        expect(await stage.query('SHOW TRIGGERS')).toEqual([])
        // Where it was taken back, the same run has made the change again.
        expect(await stage.query('SELECT id, label, n, note FROM orders ORDER BY id')).toEqual(rows)
        const again = await stage.run(['online', 'revert', 'orders', '--yes'])
        expect(again, again.stderr).toMatchObject({ exitCode: 0 })
        expect(await columns(stage)).toEqual(before)
        expect(await stage.query('SELECT id, code, n, note FROM orders ORDER BY id')).toEqual(rows)
      }
    })

    test('is not taken back once its old table was dropped, which `held --drop` does after the grace, asked', async () => {
      const stage = await changed()
      const [, hold] = [...(await own(stage))].reverse()
      const held = says(await stage.run(['held']))
      expect(held).toContain(`orders of app is on hold as ${hold}`)
      expect(says(await stage.run(['held', '--drop', '--yes']))).toContain('1 table is on hold')
      expect(await own(stage)).toContain(hold)
      expect(says(await stage.run(['held', '--restore', 'orders']))).toContain('`wwdb online revert orders`')
      await stage.query("UPDATE wwdb_online SET details = JSON_SET(details, '$.keptUntil', 1000)")
      expect(says(await stage.run(['held']))).toContain('its hold time has ended')
      expect(says(await stage.run(['status']))).toContain('1 table is held, 1 past its grace (orders)')
      const asked = await stage.run(['held', '--drop', '--yes'])
      expect(asked.exitCode).toBe(2)
      expect(says(asked)).toContain('1000 rows')
      const dropped = await stage.run(['held', '--drop', '--only', 'orders', '--confirm', 'orders'])
      expect(dropped, dropped.stderr).toMatchObject({ exitCode: 0 })
      expect(await own(stage)).toEqual(['orders'])
      expect(says(await stage.run(['online', 'list']))).toContain('No online change of wwdb has a copy')
      expect(says(await stage.run(['online', 'revert', 'orders', '--yes']))).toContain('was dropped')
    })

    test('is not taken back where its migration has other statements, or nothing is kept', async () => {
      const stage = await changed(undefined, '\nCREATE TABLE other (id INT PRIMARY KEY);')
      expect(says(await stage.run(['online', 'revert', 'orders', '--yes']))).toContain('has other statements as well')
      const none = await stage.run(['online', 'revert', 'other', '--yes'])
      expect(none.exitCode).toBe(64)
      expect(says(none)).toContain('No online change of `other` can be taken back')
    })
  },
)
