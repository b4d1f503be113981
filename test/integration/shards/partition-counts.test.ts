import { afterAll, expect, test } from 'vitest'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { partitionFamily } from '../../helpers/shards/families.ts'
import { openMysqlFixture } from '../../helpers/shards/mysql-fixture.ts'

const closings: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closings) await close()
})

/** The queries of a rotation with nothing to do. */
async function countQueries(family: ShardFamily): Promise<number> {
  const server = testServer()
  const recorder = await recordQueries(server.url)
  const through = new URL(server.url)
  through.hostname = '127.0.0.1'
  through.port = String(recorder.port)
  const fixture = await openMysqlFixture({ ...server, url: through.href }, '2026-01-15T12:00:00Z', [family])
  closings.push(async () => {
    await fixture.close()
    await recorder.close()
  })
  const made = await fixture.rotate()
  expect(made.error).toBeNull()
  recorder.take()
  const { outcomes } = await fixture.rotate()
  expect(outcomes[0]?.state).toBe('nothing-to-do')
  return recorder.take().length
}

test('a rotation with nothing to do asks one question more for partitions, be they 3 or 1,000', {
  timeout: 300_000,
}, async () => {
  const some = partitionFamily('messages', 'month', { keep: null })
  const many = partitionFamily('messages', 'day', { keep: null, premake: { periods: 999, days: 0 } })
  const { keeper: _, ...tables } = some
  const [ofTables, ofSome, ofMany] = [await countQueries(tables), await countQueries(some), await countQueries(many)]
  console.log(
    `queries of a rotation with nothing to do: ${ofTables} for 3 tables, ${ofSome} for 3 partitions, ${ofMany} for 1,000`,
  )
  expect(ofSome).toBe(ofTables + 1)
  expect(ofMany).toBe(ofSome)
})
