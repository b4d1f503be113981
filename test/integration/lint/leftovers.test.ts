import { expect, test } from 'vitest'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const said = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  (stdout + stderr).replace(/\s+/g, ' ')

async function openOrders(left: readonly string[]): Promise<Stage> {
  const stage = await openStage({
    files: {
      'app/0001_orders.sql': migration('CREATE TABLE orders (id INT PRIMARY KEY, n INT);', 'DROP TABLE orders;'),
    },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  for (const text of left) await stage.query(text)
  stage.write(
    'app/0002_wider.sql',
    migration('ALTER TABLE orders ADD COLUMN m INT;', 'ALTER TABLE orders DROP COLUMN m;'),
  )
  return stage
}

const copy = 'CREATE TABLE _orders_new LIKE orders'
const trigger = (schema: string): string =>
  `CREATE TRIGGER pt_osc_${schema}_orders_ins AFTER INSERT ON orders FOR EACH ROW SET @a = 1`

test('lint, plan and drift name what a tool left of a table that a file alters, with the statements that remove it in order', async () => {
  const stage = await openOrders([copy])
  await stage.query(trigger(stage.schema('app')))
  const order = `\`DROP TRIGGER \`${stage.schema('app')}\`.\`pt_osc_${stage.schema('app')}_orders_ins\`\`, then \`DROP TABLE \`${stage.schema('app')}\`.\`_orders_new\`\``
  const lint = await stage.run(['lint', '--server'])
  expect(said(lint)).toContain('ONLINE_LEFTOVER')
  expect(said(lint)).toMatch(
    /left the trigger `pt_osc_\w+_orders_ins`, `_orders_new` \(.*\) of `orders`; when no such tool runs/,
  )
  expect(said(lint)).toContain(order)
  expect(said(await stage.run(['lint', '--server', '--language', 'zh']))).toContain('在表 `orders` 上留下了触发器')
  expect(said(await stage.run(['lint']))).not.toContain('ONLINE_LEFTOVER')
  expect(said(await stage.run(['plan']))).toContain(order)
  expect(said(await stage.run(['drift']))).toMatch(/left the trigger `pt_osc_\w+_orders_ins`, `_orders_new`/)
})

test('drift names triggers that were left without their copy, each write of whose table fails', async () => {
  const stage = await openOrders([])
  await stage.query(trigger(stage.schema('app')))
  expect(said(await stage.run(['drift']))).toMatch(/left the trigger `pt_osc_\w+_orders_ins`/)
  expect(said(await stage.run(['lint', '--server']))).toContain('ONLINE_LEFTOVER')
})
