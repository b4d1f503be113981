import { openMysqlSession } from '../../../src/migrations/mysql/session.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import { configOf, databaseOf } from '../migrations/engine.ts'
import type { TestSchema } from '../servers/schema.ts'
import { testDoor } from './test-door.ts'

/** Opens sessions of the driver on a schema of a test server. */
export function mysqlSessions(schema: TestSchema): () => Promise<Session> {
  const { hostname, port } = new URL(schema.server.url)
  const { server } = databaseOf('app')
  const place = { ...server, host: hostname, port: Number(port), label: `${hostname}:${port}` }
  const database = databaseOf('app', { schema: schema.name, server: place })
  const timeouts = { ...configOf([]).timeouts, connect: 10_000 }
  return () => openMysqlSession(testDoor(), database, timeouts, true)
}
