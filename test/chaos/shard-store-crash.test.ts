import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ToolError } from '../../src/core/tool-error.ts'
import type { CreateOutcome, ShardStore } from '../../src/shards/ports.ts'
import { changeOf, recordOf, tableOf } from '../contract/shard-fixture.ts'
import { neverStopped } from '../helpers/migrations/engine.ts'
import { rereads } from '../helpers/mysql/transactions.ts'
import { createSchema, type TestSchema } from '../helpers/servers/schema.ts'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { mysqlShards } from '../helpers/shards/mysql-shards.ts'

const ignore = (): void => {}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    if (error instanceof ToolError) return error.code
    throw error
  }
}

describe.each(versionsInTurn(import.meta.url))('MySQL %s crashes', (version) => {
  let server: OwnServer
  let schema: TestSchema

  beforeAll(async () => {
    server = await startServer({ version })
    schema = await createSchema('t', { url: server.url, version: server.version, bin: null, provider: 'portable' })
  })

  afterAll(() => server.stop())

  async function open(): Promise<ShardStore> {
    const { servers, database, timeouts } = mysqlShards(schema)
    const store = await servers.open(database, timeouts, true)
    await store.lock(10_000, ignore)
    await store.createRegistry()
    return store
  }

  test('a server that dies while tables are made has those that were reported, and the next call makes the others', async () => {
    const tables = Array.from({ length: 200 }, (_, index) => tableOf(`messages_${index}`))
    const store = await open()
    const reported: CreateOutcome[] = []
    let crashing: Promise<void> | null = null
    const making = store.createTables(tables, 4, neverStopped, (outcome) => {
      reported.push(outcome)
      if (reported.length === 25) crashing = server.kill()
    })
    expect(await codeOf(making)).toBe('CONNECTION_LOST')
    await crashing
    await store.close()
    await server.restart()
    const next = await open()
    const present = new Set((await next.listTables()).map(({ name }) => name))
    expect(reported.filter((outcome) => outcome.type !== 'created')).toEqual([])
    expect(reported.filter((outcome) => !present.has(outcome.table))).toEqual([])
    const outcomes = await next.createTables(tables, 4, neverStopped, ignore)
    const existing = outcomes.filter((outcome) => outcome.type === 'exists').map((outcome) => outcome.table)
    expect(new Set(existing)).toEqual(new Set(tables.map(({ table }) => table).filter((table) => present.has(table))))
    const shapes = await next.readShapes(
      tables.map(({ table }) => table),
      'fingerprint',
    )
    expect([shapes.size, new Set([...shapes.values()].map((shape) => shape.fingerprint)).size]).toEqual([200, 1])
    await next.close()
  })

  test('in the middle of a write to the registry: nothing of it is there', async () => {
    const store = await open()
    await store.writeRegistry(changeOf(recordOf('1')))
    const before = await store.readRegistry()
    const records = Array.from({ length: 100_000 }, (_, index) => recordOf(String(index), { state: 'sealed' }))
    const writing = codeOf(store.writeRegistry(changeOf(...records)))
    const outside = await createConnection({ uri: schema.url })
    const modified = 'SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 2000'
    const isWriting = async () => (await outside.query<RowDataPacket[]>(modified))[0].length > 0
    await expect.poll(isWriting, { interval: rereads, timeout: 30_000 }).toBe(true)
    await server.kill()
    outside.destroy()
    expect(await writing).toBe('CONNECTION_LOST')
    await store.close()
    await server.restart()
    const next = await open()
    expect(await next.readRegistry()).toEqual(before)
    await next.writeRegistry(changeOf(...records.slice(0, 3000)))
    expect((await next.readRegistry()).shards).toHaveLength(3000)
    await next.close()
  })
})
