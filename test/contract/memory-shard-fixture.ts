import type { ShardStore } from '../../src/shards/ports.ts'
import {
  MemoryProcess,
  type MemoryShardConnection,
  MemoryShardServer,
  memoryShardServers,
} from '../helpers/memory/shard-store.ts'
import { configOf, databaseOf } from '../helpers/migrations/engine.ts'
import type { ShardFixture } from './shard-fixture.ts'

/** A schema in memory. */
export async function makeMemoryFixture(): Promise<ShardFixture> {
  const server = new MemoryShardServer(() => Date.now())
  const database = databaseOf('app')
  const schema = server.schema(database.schema)
  const connectionOf = (store: ShardStore): MemoryShardConnection => {
    const holder = server.holderOf(database.schema)
    if (holder === null || holder.id !== store.facts.connectionId) throw new Error('it does not hold the lock')
    return holder
  }
  return {
    servers: memoryShardServers(server, new MemoryProcess()),
    database,
    timeouts: configOf([]).timeouts,
    create: async (text) => server.create(database.schema, text),
    insert: async (table, ...texts) => server.insert(database.schema, table, ...texts),
    texts: async (table) => schema.table(table).rows,
    read: async (table) => {
      const reader = schema.read(table, server.next())
      return { connectionId: reader.connectionId, end: async () => reader.end() }
    },
    isWhole: async (view) => schema.isWhole(view),
    setKeys: async (source, present, deleted) => {
      const rows = [
        ...present.map((key) => ({ key, deleted: false })),
        ...deleted.map((key) => ({ key, deleted: true })),
      ]
      server.setKeys(database.schema, source.table, rows)
    },
    forgetShard: async (key) => schema.forget((record) => key === null || record.key === key),
    forgetProtections: async () => schema.amend((record) => ({ ...record, protection: null })),
    stealLock: async (store) => server.unlock(connectionOf(store)),
    breakConnection: async (store) => connectionOf(store).close(),
    close: async () => {},
  }
}
