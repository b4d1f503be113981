import { expect, test } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { runGuide } from '../../helpers/tool/guide.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

test('every example of the page works, and changes each row once', async () => {
  const { url } = await testServer()
  const stage = await openStage({ url, databases: ['shop'], create: false })
  expect(await runGuide('docs/operations/batches.md', { stage, servers: {}, clients: '' })).toEqual([])
  // Up and down: each row was counted once, moved away and back, and counted down once.
  expect(await stage.query('SELECT COUNT(*), MIN(visits), MAX(visits) FROM orders', 'shop')).toEqual([[7, 0, 0]])
  expect(await stage.query('SELECT COUNT(*), MIN(visits), MAX(visits) FROM old_orders', 'shop')).toEqual([[3, 1, 1]])
})
