import { beforeAll, expect, test } from 'vitest'
import { query, type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { readBlocks, runGuide } from '../../helpers/tool/guide.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const page = 'docs/operations/retire.md'
const openStage = withStages()
let servers: Replication

beforeAll(async () => {
  servers = await startReplication('9.7')
  return () => servers.stop()
})

test('every example of the page works, with a replica', async () => {
  const { source, replica } = servers
  await query(source.url, 'CREATE DATABASE ready')
  await servers.catchUp()
  const stage = await openStage({ url: source.url, databases: ['shop'], create: false })
  const named = { '127.0.0.1:3306': source.url, '127.0.0.1:3307': replica.url }
  expect(readBlocks(page).length).toBeGreaterThan(6)
  expect(await runGuide(page, { stage, servers: named, clients: '' })).toEqual([])
  const { stdout } = await stage.run(['retire', 'list'])
  expect(stdout).toMatch(/2 things retired/)
})
