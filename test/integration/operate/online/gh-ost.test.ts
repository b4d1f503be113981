import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGhOst } from '../../../helpers/operate/gh-ost.ts'
import { flat, orders, ownTables, stagesOfLogTool } from '../../../helpers/operate/log-tool-stage.ts'
import { standInFor, type TestTool } from '../../../helpers/operate/stand-in.ts'
import { testServerOf } from '../../../helpers/servers/servers.ts'
import { migration, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
const real = await findGhOst()

describe.each(['a stand-in', ...(real === null ? [] : (['gh-ost itself'] as const))] as const)(
  'a table changed by gh-ost, by %s',
  (kind) => {
    let tool: TestTool
    beforeAll(async () => {
      tool = kind === 'a stand-in' ? await standInFor('gh-ost') : (real ?? (await standInFor('gh-ost')))
    })
    afterAll(() => tool?.remove())

    const { prepare, migrate, expectDone } = stagesOfLogTool(openStage, 'gh-ost', () => tool)

    test('stays as it is where gh-ost cannot change it, nothing is started, and the tool is named that can', async () => {
      const refused: readonly (readonly [string, string | null, RegExp])[] = [
        [
          'ALTER TABLE orders MODIFY n BIGINT',
          'CREATE TABLE child (id INT, CONSTRAINT child_fk FOREIGN KEY (id) REFERENCES orders (id))',
          /foreign keys `child_fk`/,
        ],
        ['ALTER TABLE orders RENAME COLUMN n TO m, ENGINE=InnoDB', null, /RENAME COLUMN is taken by gh-ost/],
      ]
      for (const [alter, before, message] of refused) {
        const stage = await prepare(alter, 20)
        if (before !== null) await stage.query(before)
        const tables = await ownTables(stage)
        const run = await migrate(stage)
        expect(flat(run.stderr), alter).toMatch(message)
        expect(run.exitCode).toBe(2)
        expect(await ownTables(stage)).toEqual(tables)
      }
    })

    const changesCopy = 'is not swapped, and its copy is removed, where a row of the copy is changed'
    if (kind !== 'a stand-in')
      test(changesCopy, async () => {
        const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000)
        const running = migrate(stage)
        const change = async (): Promise<number> => {
          const rows = await stage.query('SELECT id FROM _orders_gho WHERE id = 7').catch(() => [])
          if (rows.length > 0) await stage.query('UPDATE _orders_gho SET n = n + 1 WHERE id = 7')
          return rows.length
        }
        await expect.poll(change, { timeout: 30_000, interval: 5 }).toBe(1)
        const run = await running
        expect(flat(run.stderr)).toMatch(/the row 7 is different/)
        expect(run.exitCode).toBe(2)
        expect(await ownTables(stage)).toEqual(['orders'])
      })

    test('is not swapped while a transaction holds it: the copy goes, and the next run begins it again', async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 3000, {
        guard: { transaction: 'none', budget: '2s' },
      })
      const { url } = await testServerOf('9.7')
      const reader = await createConnection({ uri: url, database: stage.schema('app') })
      const running = migrate(stage)
      const exists = async (): Promise<boolean> => (await ownTables(stage)).includes('_orders_gho')
      await expect.poll(exists, { timeout: 30_000, interval: 5 }).toBe(true)
      await reader.query('START TRANSACTION')
      await reader.query('SELECT COUNT(*) FROM orders')
      const run = await running
      expect(flat(run.stderr)).toContain('the table was in use at each of')
      expect(flat(run.stderr)).toContain('the next run begins it again')
      expect(await ownTables(stage)).toEqual(['orders'])
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
  expect(await ownTables(stage)).toEqual(['orders'])
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
    expect(await ownTables(stage)).toEqual(['orders'])
    expect(await run({})).toMatchObject({ exitCode: 0 })
  } finally {
    await tool.remove()
  }
})
