import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc, holdCopy } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, testServerOf } from '../../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
let environment: Record<string, string> = {}

beforeAll(async () => {
  if (isAvailable('pt-osc')) environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
})

const orders = migration(
  'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) NOT NULL, n INT);',
  'DROP TABLE orders;',
)
const online = (alter: string): string => migration(`-- wwdb:online\n${alter};`, 'SELECT 1;')
const again = ['migrate', '--yes', '--drift', 'off', '--no-probe']

describe.runIf(isAvailable('pt-osc')).each(versionsInTurn(import.meta.url))(
  'a copy that an earlier run made and did not swap, MySQL %s',
  (version) => {
    /** A run that copies and cannot swap, as a transaction holds the table. */
    async function copied(guard: object = { transaction: 'none', budget: '1s' }) {
      const { url } = await testServerOf(version)
      const stage = await openStage({
        url,
        files: { 'app/0001_orders.sql': orders },
        configuration: { online: { inplace: '0' }, guard },
      })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await stage.query(
        "INSERT INTO orders (code, n) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000) SELECT CONCAT('code ', i), i FROM s",
      )
      stage.write('app/0002_change.sql', online('ALTER TABLE orders MODIFY n BIGINT, ADD COLUMN extra INT DEFAULT 7'))
      const holder = await createConnection({ uri: url, database: stage.schema('app') })
      const held = await holdCopy(stage.folder)
      const running = stage.run(['migrate', '--yes'], { environment: held.environment })
      await expect
        .poll(async () => (await stage.query('SHOW TRIGGERS')).length, { timeout: 30_000, interval: 5 })
        .toBe(3)
      await holder.query('START TRANSACTION')
      await holder.query('SELECT COUNT(*) FROM orders')
      await held.release()
      const run = await running
      await holder.end()
      expect(await own(stage)).toEqual(['_orders_new', 'orders'])
      return { stage, said: run.stderr.replace(/\s+/g, ' ') }
    }

    const own = async (stage: Stage): Promise<readonly string[]> =>
      (await stage.query('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_'))
    const columns = async (stage: Stage): Promise<readonly string[]> =>
      (await stage.query('SHOW COLUMNS FROM orders')).map(([name, type]) => `${name} ${type}`.replace(/\(\d+\)$/, ''))
    const expectDone = async (stage: Stage): Promise<void> => {
      expect(await own(stage)).toEqual([expect.stringMatching(/^_hold_/), 'orders'])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
      expect(await stage.query("SELECT state FROM wwdb_journal WHERE version = '0002'")).toEqual([['closed']])
      expect(await stage.query('SELECT COUNT(*) FROM orders')).toEqual([[1000]])
    }

    test('stays where Ctrl-C comes while it waits for its swap: the run ends with 130 and says so, and the next run swaps it', async () => {
      const { url } = await testServerOf(version)
      const stage = await openStage({
        url,
        files: { 'app/0001_orders.sql': orders },
        configuration: { online: { inplace: '0' }, guard: { transaction: '1s', budget: '5m' } },
      })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await stage.query("INSERT INTO orders (code, n) VALUES ('a', 1)")
      stage.write('app/0002_change.sql', online('ALTER TABLE orders MODIFY n BIGINT'))
      const holder = await createConnection({ uri: url, database: stage.schema('app') })
      const held = await holdCopy(stage.folder)
      const running = stage.start(['migrate', '--yes', '--json'], { environment: held.environment })
      await expect
        .poll(async () => (await stage.query('SHOW TRIGGERS')).length, { timeout: 30_000, interval: 5 })
        .toBe(3)
      await holder.query('START TRANSACTION')
      await holder.query('SELECT COUNT(*) FROM orders')
      await held.release()
      await running.says('stdout', '"statement-blocked"')
      running.child.kill('SIGINT')
      const run = await running.ended
      expect(run.exitCode, run.stdout + run.stderr).toBe(130)
      expect(run.stdout).toContain('The complete copy `_orders_new` stays')
      expect(JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
        outcomes: [{ state: 'stopped' }],
      })
      expect(await own(stage)).toEqual(['_orders_new', 'orders'])
      expect(await stage.query('SHOW TRIGGERS')).toHaveLength(3)
      await holder.end()
      await stage.query("INSERT INTO orders (code, n) VALUES ('b', 2)")
      const again = await stage.run(['migrate', '--yes'], { environment: { PATH: '/nowhere' } })
      expect(again, again.stderr).toMatchObject({ exitCode: 0 })
      expect(await stage.query('SELECT code, n FROM orders ORDER BY id')).toEqual([
        ['a', 1],
        ['b', 2],
      ])
      expect(await own(stage)).toEqual([expect.stringMatching(/^_hold_/), 'orders'])
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
    })

    test('stays where the guard gives up before the swap: the error says so, and the next run swaps it', async () => {
      const { stage, said } = await copied({ transaction: '1s', budget: '6s' })
      expect(said).toContain('was not completed')
      expect(said).toContain('The copy `_orders_new` is complete and stays, and triggers keep it current')
      expect(said).toContain('it compares the copy again and goes on with the swap')
      expect(said).not.toContain('was not sent')
      const run = await stage.run(again)
      expect(run.stdout + run.stderr).toContain('1,000 rows were compared')
      await expectDone(stage)
    })

    test('does not take the place of the table where the statement was edited since: it is made again', async () => {
      const { stage } = await copied()
      stage.write('app/0002_change.sql', online('ALTER TABLE orders MODIFY n DECIMAL(20,2)'))
      expect(await stage.run(again, { environment })).toMatchObject({ exitCode: 0 })
      expect(await columns(stage)).toEqual(['id int', 'code varchar', 'n decimal(20,2)'])
      await expectDone(stage)
    })

    test('does not take the place of the table where that got a column since: it is made again', async () => {
      const { stage } = await copied()
      await stage.query('ALTER TABLE orders ADD COLUMN late INT')
      expect(await stage.run(again, { environment })).toMatchObject({ exitCode: 0 })
      expect(await columns(stage)).toEqual(['id int', 'code varchar', 'n bigint', 'late int', 'extra int'])
      await expectDone(stage)
    })

    test('is removed and made again where one of its triggers is gone', async () => {
      const { stage } = await copied()
      await stage.query(`DROP TRIGGER pt_osc_${stage.schema('app')}_orders_upd`)
      expect(await stage.run(again, { environment })).toMatchObject({ exitCode: 0 })
      expect(await columns(stage)).toEqual(['id int', 'code varchar', 'n bigint', 'extra int'])
      await expectDone(stage)
    })

    test('is not made twice where the swap was the last that a run did before it failed', async () => {
      const { stage } = await copied()
      const [[hold] = []] = await stage.query("SELECT details->>'$.hold' FROM wwdb_online WHERE state = 'copied'")
      await stage.query(`RENAME TABLE orders TO ${hold}, _orders_new TO orders`)
      const run = await stage.run(again)
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
      expect(run.stdout + run.stderr).toContain('An earlier run compared the rows and swapped the tables')
      await expectDone(stage)
      expect(await stage.query('SELECT COUNT(*), SUM(extra) FROM orders')).toEqual([[1000, '7000']])
    })
  },
)
