import type { DatabaseConfig, Timeouts } from '../../../src/config/config.ts'
import { driver as shards } from '../../../src/shards/mysql/servers.ts'
import type { ShardServers } from '../../../src/shards/ports.ts'
import { configOf, databaseOf } from '../migrations/engine.ts'
import { testDoor } from '../mysql/test-door.ts'
import type { TestSchema } from '../servers/schema.ts'

/** The driver's servers, and where a schema of a test server is. A statement waits a second for others. */
export interface MysqlShards {
  readonly servers: ShardServers
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
}

/** @param user another one than root, without password */
export function mysqlShards(schema: TestSchema, user = 'root'): MysqlShards {
  const { hostname, port } = new URL(schema.server.url)
  const { server } = databaseOf('app')
  const place = { ...server, user, host: hostname, port: Number(port), label: `${hostname}:${port}` }
  const database = databaseOf('app', { schema: schema.name, server: place })
  const timeouts = { ...configOf([]).timeouts, connect: 10_000, lockWait: 1000 }
  return { servers: shards.build(testDoor()), database, timeouts }
}
