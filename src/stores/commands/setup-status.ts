import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { chooseStores } from '../open-stores.ts'
import { readLocks } from '../read-locks.ts'

/** `wwdb setup status`: which run holds the lock of each store. */
export const command = defineCommand({
  name: 'setup status',
  group: 'Stores and environments',
  summary: 'which run is applying the declarations of each store',
  purpose:
    'Shows for every store whether a run of `wwdb setup apply` holds its lock, which one, for how long, and when ' +
    'another run may take it over. Takes no lock and writes nothing.',
  examples: [
    { command: 'wwdb setup status', purpose: 'all stores' },
    { command: 'wwdb setup status --only mongodb --json', purpose: 'one store, for a program' },
  ],
  flags: {
    'Which stores': {
      only: {
        value: 'STORE',
        description: 'only this store; may be repeated',
        choices: storeKinds,
        otherwise: 'all stores in the configuration',
        repeatable: true,
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: false,
  stores: true,
  async run({ only = [] }, context) {
    const { outcomes, error } = await readLocks(await chooseStores(context, only))
    return { result: { kind: 'store-status', stores: outcomes }, exitCode: error?.exitCode ?? exitCodes.done }
  },
})
