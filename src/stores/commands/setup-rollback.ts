import { defineCommand } from '../../command/define-command.ts'
import { dryRun, toVersion } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { carryOutRequest } from '../migrations/carry-out-request.ts'

/** `wwdb setup rollback`: takes back migrations of MongoDB. */
export const command = defineCommand({
  name: 'setup rollback',
  group: 'Stores and environments',
  summary: 'take back migrations of MongoDB',
  purpose:
    'Runs the `down` of the latest migration in code of each database under migrations/NAME.mongodb, or of several, ' +
    'the latest first, in the same way in which `wwdb setup migrate` runs `up`. Asks first.',
  examples: [
    { command: 'wwdb setup rollback --dry-run', purpose: 'what would be taken back' },
    { command: 'wwdb setup rollback --to 20261130120000', purpose: 'all that is later than this version' },
  ],
  flags: {
    'What to take back': {
      steps: {
        value: 'NUMBER',
        type: 'integer',
        min: 1,
        description: 'this many of each database',
        otherwise: '1',
      },
      to: {
        value: toVersion.value,
        description: 'all that is later than this version; 0 for all',
        conflicts: ['steps'],
      },
    },
    Safety: { dryRun },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  stores: true,
  run: ({ to, steps, dryRun: dry }, context) =>
    carryOutRequest(context, {
      command: 'setup rollback',
      direction: 'down',
      to: to ?? null,
      steps: steps ?? null,
      adopt: false,
      dryRun: dry === true,
    }),
})
