import type { Target } from '../../../core/target.ts'
import type { Session } from '../../ports.ts'

/** What is not asked through vtgate, where nothing has what it is about: scratch schemas, metadata locks, procedures, temporary tables. */
type NotAsked = Pick<
  Session,
  | 'readTableStates'
  | 'readProcedures'
  | 'readTriggers'
  | 'readFunctions'
  | 'readViews'
  | 'readEvents'
  | 'readBatchTable'
  | 'askAboutRows'
  | 'lookHere'
  | 'probe'
  | 'findTableHolders'
  | 'findBlockers'
  | 'watchReads'
  | 'ender'
  | 'markCallStarted'
  | 'runModule'
  | 'readText'
  | 'readVariables'
  | 'restoreMemory'
  | 'restoreSession'
>

const none = async () => new Map()

/** The answers that say that nothing is known. */
export function nothingElse(target: Target): NotAsked {
  return {
    readTableStates: async () => ({ schema: target.schema, foldsNames: false, states: new Map() }),
    readProcedures: none,
    readTriggers: none,
    readFunctions: none,
    readViews: none,
    readEvents: none,
    readBatchTable: async () => null,
    askAboutRows: none,
    lookHere: none,
    probe: async () => ({
      answers: null,
      notes: [
        `Nothing was tried: vtgate has no scratch schema, so what the plan says of \`${target.database}\` is said from its text alone.`,
      ],
    }),
    findTableHolders: async () => [],
    findBlockers: async () => [],
    watchReads: () => ({ end: () => null }),
    ender: { target, readSession: async () => null, endSession: async () => false },
    markCallStarted: () => Promise.reject(new Error('a plan refuses CALL through vtgate')),
    runModule: () => Promise.reject(new Error('a plan refuses code through vtgate')),
    readText: async () => null,
    readVariables: async () => ({}),
    restoreMemory: async () => {},
    restoreSession: async () => {},
  }
}
