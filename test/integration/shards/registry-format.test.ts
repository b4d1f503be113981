import { readFileSync } from 'node:fs'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { noRegistryChange, type ShardStore } from '../../../src/shards/ports.ts'
import type { Registry } from '../../../src/shards/shard.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { mysqlShards } from '../../helpers/shards/mysql-shards.ts'

/** What a rotation of an earlier wwdb wrote: two shards, of which one is protected. */
const fixture = readFileSync(new URL('../../fixtures/registry/format-1.sql', import.meta.url), 'utf8')
const protection = { reason: 'case 7', by: 'ann', at: Date.UTC(2026, 8, 20, 8, 30) }
const schemas: TestSchema[] = []

afterAll(async () => {
  for (const schema of schemas) await schema.drop()
})

describe.each(versionsInTurn(import.meta.url))('a registry of an earlier format on MySQL %s', (version) => {
  interface Stage {
    readonly query: (sql: string) => Promise<readonly RowDataPacket[]>
    readonly use: <T>(writable: boolean, work: (store: ShardStore) => Promise<T>) => Promise<T>
  }

  async function openStage(): Promise<Stage> {
    const schema = await createSchema('registry', await testServerOf(version))
    schemas.push(schema)
    const { servers, database, timeouts } = mysqlShards(schema)
    const query: Stage['query'] = async (sql) => {
      const connection = await createConnection({ uri: schema.url, multipleStatements: true })
      const [rows] = await connection.query<RowDataPacket[]>(sql)
      await connection.end()
      return Array.isArray(rows) ? rows : []
    }
    await query(fixture)
    const use: Stage['use'] = async (writable, work) => {
      const store = await servers.open(database, timeouts, writable)
      if (writable) await store.lock(1000, () => {})
      return work(store).finally(() => store.close())
    }
    return { query, use }
  }

  const formatOf = async ({ query }: Stage): Promise<number> =>
    Number((await query("SELECT version FROM wwdb_shard_families WHERE family=''"))[0]?.['version'])
  const columnsOf = async ({ query }: Stage): Promise<readonly string[]> =>
    (await query('SHOW COLUMNS FROM wwdb_shards'))
      .map((row) => String(row['Field']))
      .filter((name) => /reason|_by$/.test(name))
  const protectionsOf = ({ shards }: Registry) => shards.map((shard) => shard.protection)

  test('is read as it is, and a reader changes nothing', async () => {
    const stage = await openStage()
    const registry = await stage.use(false, (store) => store.readRegistry())
    expect(registry).toMatchObject({ exists: true, generation: 3, families: [{ family: 'notes', version: 2 }] })
    expect(protectionsOf(registry)).toEqual([protection, null])
    expect(await columnsOf(stage)).toEqual(['legal_reason', 'legal_by'])
    expect(await formatOf(stage)).toBe(0)
  })

  test.each(['createRegistry', 'writeRegistry'] as const)('is upgraded under the lock by %s', async (writing) => {
    const stage = await openStage()
    const registry = await stage.use(true, async (store) => {
      const before = await store.readRegistry()
      if (writing === 'createRegistry') await store.createRegistry()
      else await store.writeRegistry({ ...noRegistryChange, shards: before.shards.slice(1) })
      return store.readRegistry()
    })
    expect(protectionsOf(registry)).toEqual([protection, null])
    expect(await columnsOf(stage)).toEqual(['protected_reason', 'protected_by'])
    expect(await formatOf(stage)).toBe(2)
  })

  test('is upgraded to the end where the upgrade before was killed', async () => {
    const stage = await openStage()
    await stage.query(
      'ALTER TABLE wwdb_shards RENAME COLUMN legal_reason TO protected_reason, RENAME COLUMN legal_by TO protected_by, RENAME COLUMN legal_at TO protected_at',
    )
    const registry = await stage.use(true, async (store) => {
      await store.createRegistry()
      return store.readRegistry()
    })
    expect(protectionsOf(registry)).toEqual([protection, null])
    expect(await formatOf(stage)).toBe(2)
  })

  test('is upgraded where it was created but never written', async () => {
    const stage = await openStage()
    await stage.query('DELETE FROM wwdb_shards; DELETE FROM wwdb_shard_families')
    await stage.use(true, (store) => store.createRegistry())
    expect(await columnsOf(stage)).toEqual(['protected_reason', 'protected_by'])
    expect(await formatOf(stage)).toBe(2)
  })

  test('is not upgraded once the lock is lost', async () => {
    const stage = await openStage()
    const lost = stage.use(true, async (store) => {
      await store.unlock()
      await store.createRegistry()
    })
    await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST' })
    expect(await columnsOf(stage)).toEqual(['legal_reason', 'legal_by'])
    expect(await formatOf(stage)).toBe(0)
  })

  test('a registry of a newer format is refused by writers, which change nothing', async () => {
    const stage = await openStage()
    await stage.query("UPDATE wwdb_shard_families SET version=3 WHERE family=''")
    for (const writing of [
      (store: ShardStore) => store.createRegistry(),
      (store: ShardStore) => store.writeRegistry({ ...noRegistryChange, lastRunAt: 0 }),
    ])
      await expect(stage.use(true, writing)).rejects.toMatchObject({ code: 'REGISTRY_NEWER' })
    expect(await columnsOf(stage)).toEqual(['legal_reason', 'legal_by'])
  })
})
