import { defineCommand } from '../../command/define-command.ts'
import { dryRun, outOfOrder, toVersion } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { carryOutRequest } from '../migrations/carry-out-request.ts'

/** `wwdb setup migrate`: applies the pending migrations of MongoDB. */
export const command = defineCommand({
  name: 'setup migrate',
  group: 'Stores and environments',
  summary: 'apply the pending migrations of MongoDB',
  purpose:
    'Applies the migrations in code under migrations/NAME.mongodb that the database NAME does not have yet, in the ' +
    'order of their versions. A function is one transaction, in which it is also recorded; a walk changes documents ' +
    'in batches by `_id`, each with its place in one transaction. So each takes effect once, whatever is killed, and ' +
    'the next run goes on there. Takes the lock of `wwdb setup apply`.',
  examples: [
    { command: 'wwdb setup migrate --dry-run', purpose: 'what would run, and how' },
    { command: 'wwdb setup migrate', purpose: 'everything that is pending' },
    {
      command: 'wwdb setup migrate --adopt',
      purpose: 'after migrate-mongo: what its changelog names is recorded first',
    },
  ],
  flags: {
    'What to run': {
      to: { value: toVersion.value, description: toVersion.description },
      adopt: { description: 'record what the changelog of migrate-mongo names as applied' },
      outOfOrder,
    },
    Safety: { dryRun },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  stores: true,
  run: ({ to, adopt, dryRun: dry }, context) =>
    carryOutRequest(context, {
      command: 'setup migrate',
      direction: 'up',
      to: to ?? null,
      steps: null,
      adopt: adopt === true,
      dryRun: dry === true,
    }),
})
