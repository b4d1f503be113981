import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { administerReached, targetOf, toUnreachableDatabase } from '../administer.ts'
import type { DatabaseOutcome } from './databases-view.ts'

/** `wwdb db create`: makes the schemas that are not there yet, in utf8mb4. */
export const command = defineCommand({
  name: 'db create',
  group: 'Databases and projects',
  summary: 'create the schemas that do not exist yet',
  purpose:
    'Creates the schema of every database that has none, with utf8mb4. Existing schemas are not changed, so it ' +
    'can be run at any time.',
  examples: [
    { command: 'wwdb db create', purpose: 'all that are missing' },
    { command: 'wwdb db create --prefix pr_123_', purpose: 'a set of its own for a pull request' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  async run(_options, context) {
    const { answers, isIncomplete } = await administerReached(
      context,
      async (administration, database): Promise<DatabaseOutcome> => ({
        target: targetOf(database),
        state: await administration.createSchema(),
        detail: null,
      }),
      toUnreachableDatabase,
    )
    return {
      result: { kind: 'databases', command: 'db create', databases: answers },
      exitCode: exitCodeWith(exitCodes.done, isIncomplete),
    }
  },
})
