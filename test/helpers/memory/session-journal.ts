import { ToolError } from '../../../src/core/tool-error.ts'
import type { SessionMemory } from '../../../src/migrations/journal/journal.ts'
import type { Journal } from '../../../src/migrations/ports.ts'
import type { SessionCalls } from './session-calls.ts'

/** The engine's `Journal` over a server in memory. */
export function journalOver(calls: SessionCalls): Journal {
  const { connection } = calls
  /** Where the last insert id matters it is the session's own, also where a caller expected another. */
  const writeDown = (memory: SessionMemory | null): SessionMemory | null =>
    memory === null || memory.lastInsertId === null
      ? memory
      : { ...memory, lastInsertId: connection.lastInsertId ?? '0' }
  return {
    readJournal: () =>
      calls.ask(() => {
        connection.rollback()
        return calls.journal.read()
      }),
    createJournal: (chosen) =>
      calls.ask(() => {
        calls.journal.exists = true
        if (chosen === undefined) return
        calls.demandLock()
        calls.journal.recordSettings(chosen.settings)
      }),
    recordSettings: (settings) =>
      calls.ask(() => {
        calls.demandLock()
        calls.journal.recordSettings(settings)
      }),
    upgradeJournal: (steps) =>
      calls.ask(() => {
        calls.demandLock()
        for (const { to } of steps) calls.journal.writeFormat(to)
      }),
    writeJournal: (change) =>
      calls.ask(() => {
        calls.demandLock()
        connection.commit()
        const close = change.close.map((row) => ({ ...row, memory: writeDown(row.memory) }))
        calls.journal.apply({ ...change, close }, calls.writing)
      }),
    markCallStarted: (pass, statement) =>
      calls.ask(() => {
        const { journal } = calls
        if (journal.hasEntered(pass, statement)) throw new ToolError('CALL_ENTERED', { what: 'The CALL has committed' })
        connection.stage(() => journal.enter(pass, statement))
      }),
  }
}
