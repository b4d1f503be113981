import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flat, ownTables, stagesOfLogTool } from '../../../helpers/operate/log-tool-stage.ts'
import { standInFor, type TestTool } from '../../../helpers/operate/stand-in.ts'
import { testServerOf } from '../../../helpers/servers/servers.ts'
import { migration, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()

describe('a table changed by spirit, by a stand-in', () => {
  let tool: TestTool
  beforeAll(async () => {
    tool = await standInFor('spirit')
  })
  afterAll(() => tool?.remove())

  const { prepare, migrate, expectDone } = stagesOfLogTool(openStage, 'spirit', () => tool)

  test('is put under its hold name by the next run beside the sentinel of another spirit, which stays', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
    expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
    const [hold = ''] = await ownTables(stage)
    // As it is where the name could not be given.
    await stage.query(`RENAME TABLE ${hold} TO _orders_old_20261129_120000`)
    await stage.query("UPDATE wwdb_online SET state = 'swapped'")
    // That of another spirit, which would swap its table once it is gone: wwdb dropped its own before the swap.
    await stage.query('CREATE TABLE _spirit_sentinel (id INT PRIMARY KEY)')
    expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
    expect(await ownTables(stage)).toEqual([hold, '_spirit_sentinel', 'orders'])
    await stage.query('DROP TABLE _spirit_sentinel')
    await expectDone(stage)
  })

  test('is changed in place by wwdb, where spirit would have the server do so whatever its size', async () => {
    const stage = await prepare('ALTER TABLE orders DROP INDEX n', 20)
    const run = await migrate(stage, { PATH: '/usr/bin:/bin' })
    expect(flat(run.stdout + run.stderr)).toContain('in place')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(await ownTables(stage)).toEqual(['orders'])
  })

  const alter = 'ALTER TABLE orders MODIFY n BIGINT'
  const refused: readonly (readonly [string, string | null, RegExp, object])[] = [
    [
      alter,
      'CREATE TABLE _spirit_sentinel (id INT PRIMARY KEY)',
      /A table `_spirit_sentinel` exists.*wait until that one has ended/,
      {},
    ],
    [
      alter,
      'ALTER TABLE orders MODIFY id INT NOT NULL, DROP PRIMARY KEY, ADD UNIQUE KEY id (id)',
      /by the primary key, and there is none.*tool=gh-ost/,
      {},
    ],
    [alter, null, /spirit cannot be paused.*tool=gh-ost/, { throttle: { threadsRunning: 1000 } }],
  ]
  test.each(refused)(
    'stays as it is, and nothing is started, where spirit cannot make %s after %s',
    async (text, before, message, configuration) => {
      const stage = await prepare(text, 20, configuration)
      if (before !== null) await stage.query(before)
      const tables = await ownTables(stage)
      const run = await migrate(stage)
      expect(flat(run.stderr)).toMatch(message)
      expect(run.exitCode).toBe(2)
      expect(await ownTables(stage)).toEqual(tables)
    },
  )

  test('says that it was swapped without a comparison, where somebody dropped the sentinel, and is recorded by the next run', async () => {
    const stage = await prepare(
      'ALTER TABLE orders ADD COLUMN extra INT NOT NULL DEFAULT 7 FIRST, MODIFY n BIGINT',
      3000,
    )
    const run = await migrate(stage, { SPIRIT_STAND_IN_RELEASED: '1' })
    expect(flat(run.stderr)).toMatch(
      /spirit swapped `orders` and its copy before wwdb had compared their rows.*`_spirit_sentinel`.*The table as it was is `_orders_old_\d{8}_\d{6}`/,
    )
    expect(run.exitCode).toBe(2)
    expect(await stage.query('SELECT COUNT(*), SUM(extra) FROM orders')).toEqual([[3000, '21000']])
    const again = await migrate(stage)
    expect(flat(again.stdout + again.stderr)).toContain('before its rows were compared')
    expect(again).toMatchObject({ exitCode: 0 })
    await expectDone(stage)
    expect(await stage.run(['online', 'revert', 'orders', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT COUNT(*) FROM orders')).toEqual([[3000]])
  })

  test('is said in the plan to end sessions, and of another tool is not', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
    const ends = /ALTER TABLE orders \(.*0002_change\.sql:\d+\) is left to spirit.*ends transactions of others/
    expect(flat((await stage.run(['plan'])).stdout)).toMatch(ends)
    stage.write(
      'app/0002_change.sql',
      migration('-- wwdb:online tool=pt-osc\nALTER TABLE orders MODIFY n BIGINT;', 'SELECT 1;'),
    )
    expect(flat((await stage.run(['plan'])).stdout)).not.toContain('spirit')
  })

  test('gives no number of a deleted row again, and changes the definition of no table that spirit works on', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000)
    const next = async () =>
      /AUTO_INCREMENT=\d+/.exec(String((await stage.query('SHOW CREATE TABLE orders'))[0]?.[1]))?.[0]
    await stage.query('DELETE FROM orders WHERE id > 100')
    const before = await next()
    expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
    expect(await next()).toBe(before)
    await expectDone(stage)
  })

  test('waits for rows that spirit brings to its copy only after some time', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000)
    let [isOver, written] = [false, 0]
    const writing = (async () => {
      while (!isOver) {
        written += 1
        await stage.query(`UPDATE orders SET n = -1 WHERE id = ${written}`)
        await stage.query('DO SLEEP(0.05)')
      }
    })()
    const run = await migrate(stage, { SPIRIT_STAND_IN_FLUSHES: '5000' })
    isOver = true
    await writing
    expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT COUNT(*) FROM orders WHERE n = -1')).toEqual([[written]])
    await expectDone(stage)
  })

  test('leaves its sentinel to a spirit that changes another table, which would swap it without', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
    await stage.query('CREATE TABLE others (id INT PRIMARY KEY)')
    await stage.query('CREATE TABLE _others_chkpnt (id INT PRIMARY KEY)')
    expect(await migrate(stage, { SPIRIT_STAND_IN_FAILS: 'checksum' })).toMatchObject({ exitCode: 2 })
    expect(await ownTables(stage)).toEqual(['_others_chkpnt', '_spirit_sentinel', 'orders', 'others'])
  })

  test('is not changed while a spirit of somebody else works on it, or one that is too old', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
    const old = await migrate(stage, { SPIRIT_STAND_IN_VERSION: 'v0.15.1' })
    expect(flat(old.stderr)).toContain('It is version 0.15.1; wwdb works with 0.16.0 and later')
    const { url } = await testServerOf('9.7')
    const other = await createConnection({ uri: url, database: stage.schema('app') })
    const { spiritLock } = await import('../../../../src/operate/online/spirit.ts')
    await other.query(`DO GET_LOCK('${spiritLock(stage.schema('app'), 'orders')}', 0)`)
    const locked = await migrate(stage)
    expect(flat(locked.stderr)).toContain('lock is held by another connection')
    await other.end()
    expect(await ownTables(stage)).toEqual(['orders'])
    expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
    await expectDone(stage)
  })
})
