import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { importInto } from '../import-into.ts'

/** `wwdb setup import`: writes the declarations of what a store has. Writes nothing to the store. */
export const command = defineCommand({
  name: 'setup import',
  group: 'Stores and environments',
  summary: 'write the declarations of what a store has',
  purpose:
    'Reads a store and writes files that declare what it has and no file declares yet, so that `wwdb setup apply` ' +
    'after it changes nothing: the new declarations are planned against the store first. Overwrites no file, writes ' +
    'no password or token, and leaves out what belongs to the server. Names what cannot be declared, and then exits with 1.',
  examples: [
    { command: 'wwdb setup import mongodb --dry-run', purpose: 'the files, without writing them' },
    { command: "wwdb setup import mongodb --only 'orders.*'", purpose: 'one database' },
  ],
  arguments: { store: { description: 'the store', required: true, choices: storeKinds } },
  flags: {
    'What to import': {
      only: {
        value: 'PATTERN',
        description: 'only resources whose name matches, such as `orders.*`; may be repeated',
        otherwise: 'everything',
        repeatable: true,
      },
      out: {
        value: 'FOLDER',
        type: 'directory',
        description: 'write the files into this folder',
        otherwise: 'the folder of the declarations',
      },
    },
    Safety: { dryRun },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: false,
  stores: true,
  async run({ store, only = [], out, dryRun: dry }, context) {
    const isDry = dry === true
    const found = await importInto(context, { store, only, out: out ?? null, dryRun: isDry })
    return {
      result: { kind: 'store-import', store, dryRun: isDry, ...found },
      exitCode: found.notDeclarable.length > 0 ? exitCodes.findings : exitCodes.done,
    }
  },
})
