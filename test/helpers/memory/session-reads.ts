import type { Target } from '../../../src/core/target.ts'
import type { Reads } from '../../../src/migrations/ports.ts'
import type { SessionCalls } from './session-calls.ts'

/** The engine's `Reads` over a server in memory, which has tables, and nothing else to be asked about. */
export function readsOver(calls: SessionCalls, { schema }: Target): Reads {
  const none = async () => new Map()
  return {
    readDefinitions: (objects, identity) =>
      calls.ask(() =>
        objects.map(({ name }) => {
          const table = calls.schema.tables.get(name)
          return table === undefined ? null : `${table.changes.join(',')}${identity ? `\n#${table.id}` : ''}`
        }),
      ),
    readRunsUnderWay: async () => [],
    readTableStates: async () => ({ schema, states: new Map() }),
    readProcedures: none,
    readTriggers: none,
    readFunctions: none,
    readViews: none,
    readEvents: none,
    readBatchTable: async () => null,
    askAboutRows: none,
    probe: async () => ({ answers: null, notes: [] }),
    findTableHolders: async () => [],
    findBlockers: async () => [],
    watchReads: () => ({ end: () => null }),
    ender: {
      target: { database: 'app', schema: 'app', server: 'memory' },
      readSession: async () => null,
      endSession: async () => true,
    },
    readProgress: async () => ({ type: 'unknown' }) as const,
  }
}
