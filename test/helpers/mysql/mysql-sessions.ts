import { openMysqlSession } from '../../../src/migrations/mysql/session.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import { configOf, databaseOf } from '../migrations/engine.ts'
import type { TestSchema } from '../servers/schema.ts'

/** Opens sessions of the driver on a schema of a test server. */
export function mysqlSessions(schema: TestSchema): () => Promise<Session> {
  const { hostname, port } = new URL(schema.server.url)
  const { server } = databaseOf('app')
  const place = { ...server, host: hostname, port: Number(port), label: `${hostname}:${port}` }
  const database = databaseOf('app', { schema: schema.name, server: place })
  const runner = { name: 'test@host', process: 'host:1', toolVersion: '0.0.0' }
  const options = { runner, isAlive: () => true }
  const timeouts = { ...configOf([]).timeouts, connect: 10_000 }
  return () => openMysqlSession(database, timeouts, options, true)
}
