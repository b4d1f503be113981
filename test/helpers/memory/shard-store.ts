import { requireKey } from '../../../src/calendar/naming.ts'
import type { DatabaseConfig, Timeouts } from '../../../src/config/config.ts'
import type { KeySource } from '../../../src/core/shard-family.ts'
import type { Target } from '../../../src/core/target.ts'
import type { Lock } from '../../../src/migrations/ports.ts'
import type { ShardRegistry, ShardServers, ShardStore } from '../../../src/shards/ports.ts'
import { lockOver } from './lock.ts'
import { memoryFacts } from './memory-session.ts'
import { MemoryProcess } from './process.ts'
import { ShardCalls } from './shard-calls.ts'
import { shardReadsOver } from './shard-reads.ts'
import { MemoryShardConnection, type MemoryShardServer } from './shard-server.ts'
import { shardStatementsOver } from './shard-statements.ts'

export { MemoryProcess } from './process.ts'
export { MemoryShardConnection, MemoryShardServer } from './shard-server.ts'

/** A store whose lock another connection holds takes none. */
function shardLockOver({ connection, leader, ask }: ShardCalls): Lock {
  const own = lockOver(connection.server, connection, connection.schema, ask)
  return { ...own, lock: async (...request) => (leader === connection.id ? own.lock(...request) : undefined) }
}

function registryOver(calls: ShardCalls): ShardRegistry {
  return {
    readRegistry: () => calls.ask(() => calls.schema.registry),
    /** This server has no fan-outs. */
    readCarriedVersions: () => calls.ask(() => new Map<string, number>()),
    readTemplates: async () => [],
    createRegistry: () => calls.write(() => calls.schema.createRegistry()),
    writeRegistry: ({ shards, families, lastRunAt, findings }) =>
      calls.write(() => calls.schema.writeRegistry(shards, families, lastRunAt, findings)),
    moveFamily: (move) => calls.write(() => calls.schema.moveFamily(move)),
  }
}

/**
 * The engine's `ShardStore` over a server in memory, of its four parts: a store of one process on one schema. What each call means is what
 * shards/mysql makes of it: see the contract.
 */
export function openMemoryShardStore(
  process: MemoryProcess,
  server: MemoryShardServer,
  target: Target,
  leader: number | null = null,
): ShardStore {
  const connection = new MemoryShardConnection(server, target.schema)
  process.adopt(connection)
  const calls = new ShardCalls(process, connection, leader ?? connection.id)
  return {
    target,
    facts: memoryFacts(connection.id, Math.floor(server.clock() / 1000)),
    fansOut: true,
    refuse: async () => null,
    ...shardLockOver(calls),
    ...registryOver(calls),
    ...shardStatementsOver(calls),
    ...shardReadsOver(calls),
    close: async () => {
      if (!connection.closed) connection.close()
    },
  }
}

/** The servers of a process: all databases live on one. Reading keys is a call like any other, and may be its last. */
export function memoryShardServers(server: MemoryShardServer, process = new MemoryProcess()): ShardServers {
  return {
    open: async (database: DatabaseConfig, _timeouts: Timeouts, _writable: boolean, leader?: number) => {
      const target = { database: database.name, schema: database.schema, server: database.server.label }
      return openMemoryShardStore(process, server, target, leader ?? null)
    },
    readKeys: async (database: DatabaseConfig, _timeouts: Timeouts, source: KeySource) => {
      const census = server.keysOf(database.schema, source.table)
      for (const key of [...(census?.present ?? []), ...(census?.deleted ?? [])]) requireKey(key)
      return census
    },
  }
}
