import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
import { migration, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()

describe.each(versionsInTurn(import.meta.url))('what another run of a tool left, MySQL %s', (version) => {
  test('is no difference for drift, which names it with the statements that remove it; plan warns before the table is altered', async () => {
    const { url } = await testServerOf(version)
    const stage = await openStage({
      url,
      files: {
        'app/0001_orders.sql': migration('CREATE TABLE orders (id INT PRIMARY KEY, n INT);', 'DROP TABLE orders;'),
      },
    })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    for (const text of [
      'CREATE TABLE _orders_new LIKE orders',
      'CREATE TRIGGER pt_osc_app_orders_ins AFTER INSERT ON orders FOR EACH ROW REPLACE INTO _orders_new VALUES (NEW.id, NEW.n)',
      'CREATE TRIGGER rt_pt_osc_app_orders_del AFTER DELETE ON orders FOR EACH ROW SET @a = 1',
      'CREATE TABLE users (id INT PRIMARY KEY)',
      'CREATE TABLE _users_gho LIKE users',
      'CREATE TABLE _users_ghk (id INT PRIMARY KEY)',
      'CREATE TABLE _orders_chkpnt (id INT PRIMARY KEY)',
      'CREATE TABLE _spirit_sentinel (id INT PRIMARY KEY)',
      'CREATE TABLE _vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20261129120000 (id INT PRIMARY KEY)',
    ])
      await stage.query(text)
    await stage.query('DROP TABLE users')
    await stage.query('CREATE TABLE users (id INT PRIMARY KEY)')
    const drift = await stage.json(['drift'])
    expect(drift.answer['differences']).toBe(1)
    const left = drift.answer['leftovers'] as readonly { readonly what: string; readonly remove: readonly string[] }[]
    expect(left.map(({ remove }) => remove)).toContainEqual([
      'DROP TRIGGER `pt_osc_app_orders_ins`',
      'DROP TRIGGER `rt_pt_osc_app_orders_del`',
      'DROP TABLE `_orders_new`',
    ])
    const said = (await stage.run(['drift'])).stdout.replace(/\s+/g, ' ')
    expect(said).toContain('gh-ost left `_users_gho`')
    expect(said).toContain('when no such tool runs, remove it in this order')

    stage.write('app/0002_add.sql', migration('ALTER TABLE orders ADD COLUMN late INT;', 'SELECT 1;'))
    const plan = (await stage.run(['plan'])).stdout.replace(/\s+/g, ' ')
    expect(plan).toContain('left the trigger `pt_osc_app_orders_ins`')
    expect(plan).toContain('of `orders`, which the plan alters; when no such tool runs, remove it')
    expect(plan).not.toContain('_users_gho')
  })
})
