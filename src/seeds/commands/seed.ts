import { defineCommand } from '../../command/define-command.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { seed } from '../seed-databases.ts'

/** `wwdb seed`: inserts missing rows and updates those that differ, one transaction per database. */
export const command = defineCommand({
  name: 'seed',
  group: 'Databases and projects',
  summary: 'apply reference data from files',
  purpose:
    'Inserts missing rows of seeds/ and updates rows that differ; all other rows, including those that people ' +
    'added, stay as they are. Rows are found by natural key, so their ids never change, and a run with nothing to ' +
    'do writes nothing. Uses one transaction per database, under the lock of migrations. Values that were changed ' +
    'by hand are kept or overwritten, as the file says, and reported. `--env` chooses the environment, whose rows ' +
    'are seeded in addition to those for all.',
  examples: [
    { command: 'wwdb seed', purpose: 'everything, after `wwdb migrate`' },
    { command: 'wwdb seed --only roles --only permissions', purpose: 'some files or tables' },
    { command: 'wwdb seed --env test', purpose: 'with the rows of an environment' },
    { command: 'wwdb seed --prune', purpose: 'remove what left the files' },
  ],
  flags: {
    'What to seed': {
      only: {
        value: 'NAME',
        description: 'only this file, without its extension, or this table; may be repeated',
        otherwise: 'all',
        repeatable: true,
      },
      prune: {
        description:
          'remove rows that wwdb inserted and that are no longer in the files; shows dependent rows, and asks',
      },
    },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  run: ({ only = [], prune = false }, context) => seed(context, { only, prune }),
})
