import { noChange, type QuickStatement } from '../../../src/migrations/journal/rows.ts'
import type { Journal, RunFailure, Statements } from '../../../src/migrations/ports.ts'
import type { ModuleQuery } from '../../../src/migrations/user-code.ts'
import type { StatementOutcome, TimedOutcome } from '../../../src/mysql/facts.ts'
import { ConnectionLost } from './process.ts'
import { Canceled, Refused } from './server.ts'
import type { SessionCalls } from './session-calls.ts'

const outcome = (rows: number | null, lastInsertId: string | null): StatementOutcome => ({
  rows,
  warnings: [],
  lastInsertId,
})

const isRefusal = (error: unknown): boolean => error instanceof Refused || error instanceof Canceled

/** The engine's `Statements` over a server in memory. */
export function statementsOver(calls: SessionCalls, { writeJournal }: Journal): Statements {
  const { connection } = calls

  const run: Statements['run'] = (text) =>
    calls.call(async () => {
      const rows = await connection.run(text)
      return outcome(rows, rows === 1 ? connection.lastInsertId : null)
    }, text)

  /** Null where the server refused it: nothing of it remains. */
  const runAndCloseOne = ({ text, ...at }: QuickStatement): Promise<StatementOutcome | null> =>
    calls
      .call(async () => {
        const rows = await connection.run(text)
        calls.demandLock()
        const { lastInsertId } = connection
        const close = [{ ...at, milliseconds: 0, rows, memory: { lastInsertId, variables: {} } }]
        connection.commit()
        calls.journal.apply({ ...noChange, close }, calls.writing)
        return outcome(rows, lastInsertId)
      })
      .catch((error: unknown) => {
        if (!isRefusal(error)) throw error
        connection.rollback()
        return null
      })

  return {
    run,
    runAndClose: async (statements, open = []) => {
      if (open.length > 0) await writeJournal({ ...noChange, open })
      const outcomes: StatementOutcome[] = []
      for (const statement of statements) {
        const answer = await runAndCloseOne(statement)
        if (answer === null) break
        outcomes.push(answer)
      }
      return outcomes
    },
    runTogether: async (texts) => {
      const outcomes: TimedOutcome[] = []
      for (const text of texts) {
        try {
          outcomes.push({ ...(await run(text)), milliseconds: 0 })
        } catch (error) {
          if (!isRefusal(error)) throw error
          break
        }
      }
      return outcomes
    },
    runModule: (module) =>
      calls.call(async () => {
        let rows = 0
        const { signal } = new AbortController()
        const query = async function* ({ sql }: ModuleQuery) {
          const affectedRows = (await connection.run(sql)) ?? 0
          rows += affectedRows
          yield { type: 'header' as const, header: { affectedRows } }
        }
        await module({ query, now: signal, soon: signal })
        return outcome(rows, null)
      }),
    explain: (error): RunFailure | null => {
      if (error instanceof ConnectionLost) return { type: 'lost', why: error.message }
      if (error instanceof Canceled) return { type: 'canceled', why: error.message }
      if (error instanceof Refused) return { type: 'refused', why: error.message, number: 1064, line: null }
      return null
    },
    rollback: () =>
      calls
        .call(() => connection.rollback())
        .catch((error: unknown) => {
          if (!(error instanceof ConnectionLost)) throw error
        }),
    lookHere: async () => new Map(),
    ask: () => calls.call(() => []),
    readRows: () => calls.ask(() => []),
    evaluate: (literal) => calls.ask(() => literal.replace(/^'(.*)'$/, '$1')),
    readText: (variable) => calls.ask(() => connection.variables.get(variable) ?? null),
    readVariables: (names) =>
      calls.ask(() => Object.fromEntries(names.map((name) => [name, connection.variables.get(name) ?? 'NULL']))),
    restoreMemory: (memory) =>
      calls.ask(() => {
        for (const [name, value] of Object.entries(memory.variables)) {
          if (value === 'NULL') connection.variables.delete(name)
          else connection.variables.set(name, value)
        }
        if (memory.lastInsertId !== null) connection.lastInsertId = memory.lastInsertId
      }),
    restoreSession: ({ userVariables, prepared }) => calls.ask(() => connection.forget(userVariables, prepared)),
    cancel: async () => connection.interrupt(),
  }
}
