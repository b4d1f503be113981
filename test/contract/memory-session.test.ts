import type { Session } from '../../src/migrations/ports.ts'
import { MemoryProcess, MemoryServer, openMemorySession } from '../helpers/memory/memory-session.ts'
import type { MemoryConnection } from '../helpers/memory/server.ts'
import { describeSession } from './session.contract.ts'
import type { SessionFixture } from './session-fixture.ts'

/** Every session is of a process of its own: closing its connection from outside is what a lost one comes to. */
async function makeFixture(): Promise<SessionFixture> {
  const server = new MemoryServer()
  const target = { database: 'app', schema: 'app', server: 'memory' }
  const connectionOf = (session: Session): MemoryConnection => {
    const holder = server.holderOf(target.schema)
    if (holder === null || holder.id !== session.facts.connectionId) throw new Error('it does not hold the lock')
    return holder
  }
  return {
    open: async () => openMemorySession(new MemoryProcess(), server, target),
    create: (table) => `CREATE ${table}`,
    alter: (table, number) => `ALTER ${table} ${number}`,
    drop: (table) => `DROP ${table}`,
    truncate: (table) => `TRUNCATE ${table}`,
    insert: (table, number) => `INSERT ${table} ${number}`,
    committing: { type: 'procedure', schema: null, name: 'commits' },
    callCommitting: (number) => `CALL t ${number} COMMITS`,
    refused: 'FAIL t ALTER',
    slow: 'SLEEP',
    numbers: async (table) =>
      server.effects.flatMap(({ text }) => {
        const [verb, name, number] = text.split(' ')
        return name === table && (verb === 'INSERT' || verb === 'CALL') ? [Number(number)] : []
      }),
    isRunning: async () => true,
    stealLock: async (session) => server.unlock(connectionOf(session)),
    breakConnection: async (session) => connectionOf(session).close(),
    close: async () => {},
  }
}

describeSession(makeFixture)
