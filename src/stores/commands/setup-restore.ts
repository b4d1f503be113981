import { defineCommand } from '../../command/define-command.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { restoreDeclarations } from '../apply-declarations.ts'

/** `wwdb setup restore`: makes again what `setup apply --prune` has removed. */
export const command = defineCommand({
  name: 'setup restore',
  group: 'Stores and environments',
  summary: 'make again what a prune has removed',
  purpose:
    'Reads a file that `wwdb setup apply --prune` wrote before it removed something, and makes what is missing of it ' +
    'again, under the prefix of the environment. Plans, locks, applies and reads back as `wwdb setup apply` does, and ' +
    'touches nothing that the file does not declare. Changes nothing that is there: where somebody made another one ' +
    'under the same name, the run ends. No password comes back: a user needs the variable that the file names. Safe to repeat.',
  examples: [
    {
      command: 'wwdb setup restore elasticsearch .wwdb/removed/elasticsearch-2026-12-01T06-00-00-000Z.yaml',
      purpose: 'the definitions that this run removed',
    },
    {
      command: 'wwdb setup restore influxdb .wwdb/removed/influxdb-2026-12-01T06-00-00-000Z.yaml',
      purpose: 'the tasks that this run removed',
    },
  ],
  arguments: {
    store: { description: 'the store', required: true, choices: storeKinds },
    file: { description: 'the file below `.wwdb/removed`', required: true },
  },
  flags: {},
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  stores: true,
  run: ({ store, file }, context) => restoreDeclarations(context, store, file),
})
