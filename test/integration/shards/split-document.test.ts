import { expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { readBlocks, runGuide } from '../../helpers/tool/guide.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const page = 'docs/operations/split.md'
const openStage = withStages()

test('every example of the page works', { timeout: 120_000 }, async () => {
  const { url } = await testServerOf('9.7')
  const stage = await openStage({ url, databases: ['shop'], create: false })
  expect(readBlocks(page).length).toBeGreaterThan(6)
  expect(await runGuide(page, { stage, servers: { '127.0.0.1:3306': url }, clients: '' })).toEqual([])
  expect(await stage.query('SELECT state FROM wwdb_split', 'shop')).toEqual([['confirmed']])
})
