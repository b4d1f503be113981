import type { DatabaseConfig } from '../../../src/config/config.ts'
import type { Target } from '../../../src/core/target.ts'
import type { ServerPort, Session } from '../../../src/migrations/ports.ts'
import type { ServerFacts } from '../../../src/mysql/facts.ts'
import { lockOver } from './lock.ts'
import type { MemoryProcess } from './process.ts'
import { MemoryConnection, type MemoryServer } from './server.ts'
import { SessionCalls } from './session-calls.ts'
import { journalOver } from './session-journal.ts'
import { readsOver } from './session-reads.ts'
import { statementsOver } from './session-statements.ts'

export { tinyFacts } from './language.ts'
export { MemoryProcess, type Mishap } from './process.ts'
export { type Effect, MemoryServer } from './server.ts'

/** What a server in memory says of itself to the connection. */
export function memoryFacts(connectionId: number, epochSeconds: number): ServerFacts {
  return {
    version: '8.0.30',
    uuid: 'memory',
    connectionId,
    epochSeconds,
    foldsNames: false,
    notices: [],
    isReadOnly: false,
    differences: [],
    morePins: [],
  }
}

/**
 * The engine's `Session` over a server in memory, of its four parts: a session of one process on one schema; a worker's journals in the
 * ledger of fan-outs. What each call means is what migrations/mysql makes of it: see the contract.
 */
export function openMemorySession(
  process: MemoryProcess,
  server: MemoryServer,
  target: Target,
  worker: { readonly number: number; readonly leader: number } | null = null,
): Session {
  const connection = new MemoryConnection(server, target.schema, worker)
  process.adopt(connection)
  const calls = new SessionCalls(process, connection)
  const journal = journalOver(calls)
  return {
    target,
    facts: memoryFacts(connection.id, 0),
    sendsAlone: process.sendsAlone,
    ...lockOver(server, connection, connection.lock, calls.ask),
    ...journal,
    ...statementsOver(calls, journal),
    ...readsOver(calls, target),
    warmUp: () => {},
    close: async () => {
      if (!connection.closed) connection.close()
    },
  }
}

/** The servers of a process: all databases live on one. */
export function memoryServers(process: MemoryProcess, server: MemoryServer): ServerPort {
  return {
    open: async (database: DatabaseConfig) => {
      const target = { database: database.name, schema: database.schema, server: database.server.label }
      return openMemorySession(process, server, target)
    },
    administrate: () => Promise.reject(new Error('the memory server is not administrated')),
    openMany: () => Promise.reject(new Error('the memory server has no list of schemas')),
  }
}
