import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { examine, findingsOf } from '../../../helpers/doctor/doctor-stage.ts'
import { findPtOsc } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, testServerOf } from '../../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
let environment: Record<string, string> = {}

beforeAll(async () => {
  if (isAvailable('pt-osc')) environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
})

const says = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  (stdout + stderr).replace(/\s+/g, ' ')

describe.runIf(isAvailable('pt-osc')).each(versionsInTurn(import.meta.url))(
  'an online change that is not taken back, MySQL %s',
  (version) => {
    async function changed(alter: string, n = 'INT', rows = 100): Promise<Stage> {
      const { url } = await testServerOf(version)
      const stage = await openStage({
        url,
        files: {
          'app/0001_orders.sql': migration(
            `CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, n ${n});`,
            'DROP TABLE orders;',
          ),
        },
        configuration: { online: { inplace: '0' }, guard: { transaction: 'none', budget: '1s' } },
      })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await stage.query('SET SESSION cte_max_recursion_depth = 100000')
      await stage.query(
        `INSERT INTO orders (id) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows}) SELECT i FROM s`,
      )
      stage.write('app/0002_change.sql', migration(`-- wwdb:online\n${alter};`, 'SELECT 1;'))
      const run = await stage.run(['migrate', '--yes'], { environment })
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
      return stage
    }

    const triggers = async (stage: Stage): Promise<readonly string[]> =>
      (await stage.query('SHOW TRIGGERS')).map(([name]) => String(name)).toSorted()

    test('says which triggers stay where the table is in use to the end; its old table is not dropped before the next run has removed them', {
      timeout: 180_000,
    }, async () => {
      const stage = await changed('ALTER TABLE orders MODIFY n BIGINT', 'INT', 4000)
      await stage.query('UPDATE orders SET n = id WHERE id <= 800')
      const reader = await createConnection({ uri: stage.url, database: stage.schema('app') })
      const running = stage.run(['online', 'revert', 'orders', '--yes'])
      await expect.poll(async () => (await triggers(stage)).length, { timeout: 30_000, interval: 5 }).toBe(3)
      await reader.query('START TRANSACTION')
      await reader.query('SELECT n FROM orders LIMIT 1')
      const run = await running
      expect(says(run)).toContain('could not take the place of `orders`')
      const [trigger = '', ...others] = await triggers(stage)
      expect(others).toHaveLength(2)
      expect(says(run)).toMatch(/The triggers `wwdb_back_\w+`, .* could not be removed/)
      expect(says(run)).toContain('Do not drop `_hold_')
      expect(says(await stage.run(['online', 'list']))).toContain(`wwdb online revert left ${trigger}`)
      expect(says(await stage.run(['drift']))).toContain(`wwdb online revert left the trigger \`${trigger}\``)
      expect(findingsOf((await examine(stage)).answer, 'online-leftover').map(({ what }) => what)).toEqual([
        expect.stringContaining(`the trigger \`${trigger}\``),
      ])
      await stage.query("UPDATE wwdb_online SET details = JSON_SET(details, '$.keptUntil', 1000) WHERE state = 'held'")
      const dropped = await stage.run(['held', '--drop', '--only', 'orders', '--confirm', 'orders'])
      expect(says(dropped)).toContain('No table `orders` is on hold')
      const blocked = await stage.run(['migrate', '--yes'])
      expect(says(blocked)).toContain('could not be removed')
      await stage.query('UPDATE orders SET n = -1 WHERE id = 1')
      await reader.end()
      const migrated = await stage.run(['migrate', '--yes'])
      expect(migrated, migrated.stderr).toMatchObject({ exitCode: 0 })
      expect(await triggers(stage)).toEqual([])
      const carried = 'a revert ended without putting it back, and rows that were written since may be in it'
      expect(says(await stage.run(['held']))).toContain(carried)
      expect(says(await stage.run(['online', 'list']))).toContain(carried)
      const again = await stage.run(['online', 'revert', 'orders', '--yes'])
      expect(again, again.stderr).toMatchObject({ exitCode: 0 })
      expect(await stage.query('SELECT n FROM orders WHERE id < 3')).toEqual([[-1], [2]])
      expect(says(await stage.run(['held']))).toContain('as a change that was taken back had made it')
      expect(says(await stage.run(['held', '--restore', 'orders']))).toContain('which was taken back')
    })

    test.each([
      ['DECIMAL(10,1)', 'DECIMAL(13,4)'],
      ['DATETIME', 'DATETIME(6)'],
      ['INT', 'DECIMAL(12,2)'],
    ])('is refused from %s, as writes would be rounded in silence', async (before, after) => {
      const stage = await changed(`ALTER TABLE orders MODIFY n ${after}`, before)
      const run = await stage.run(['online', 'revert', 'orders', '--yes'])
      expect(run.exitCode).toBe(2)
      expect(says(run)).toMatch(/`n` would go back from .* the server rounds or cuts values/)
      expect(await triggers(stage)).toEqual([])
    })

    test('creates its triggers with a strict sql_mode, and gives the session its own back', async () => {
      const stage = await changed('ALTER TABLE orders MODIFY n BIGINT', 'INT', 4000)
      await stage.query('UPDATE orders SET n = id WHERE id <= 800')
      const running = stage.start(['online', 'revert', 'orders', '--yes'])
      const modes = async () => (await stage.query('SHOW TRIGGERS')).map((row) => String(row[6]))
      await expect.poll(async () => (await modes()).length, { timeout: 30_000, interval: 5 }).toBe(3)
      const seen = await modes()
      expect((await running.ended).exitCode).toBe(0)
      for (const mode of seen) expect(mode).toContain('STRICT_ALL_TABLES')
    })

    test('says that nobody knows what was added where the definition was not recorded', async () => {
      const stage = await changed('ALTER TABLE orders MODIFY n BIGINT')
      await stage.query("UPDATE wwdb_online SET details = JSON_REMOVE(details, '$.made')")
      const run = await stage.run(['online', 'revert', 'orders', '--yes'])
      expect(says(run)).toContain('The definition that the change gave the table was not recorded')
      await stage.query("UPDATE wwdb_online SET details = JSON_SET(details, '$.keptUntil', NULL)")
      expect(says(await stage.run(['held', '--drop', '--yes']))).toContain('No table is on hold')
    })

    test('is ended by a lost connection as such, not as rows that do not fit', async () => {
      const stage = await changed('ALTER TABLE orders MODIFY n BIGINT', 'INT', 4000)
      await stage.query('UPDATE orders SET n = id WHERE id <= 800')
      const running = stage.run(['online', 'revert', 'orders', '--yes'])
      await expect.poll(async () => (await triggers(stage)).length, { timeout: 30_000, interval: 5 }).toBe(3)
      const find = `SELECT ID FROM information_schema.PROCESSLIST WHERE DB='${stage.schema('app')}' AND ID<>CONNECTION_ID()`
      for (const [id] of await stage.query(find)) await stage.query(`KILL ${Number(id)}`).catch(() => undefined)
      const run = await running
      expect(run.exitCode).not.toBe(0)
      expect(says(run)).not.toContain('do not fit')
      const migrated = await stage.run(['migrate', '--yes'])
      expect(migrated, migrated.stderr).toMatchObject({ exitCode: 0 })
      expect(await triggers(stage)).toEqual([])
    })
  },
)
