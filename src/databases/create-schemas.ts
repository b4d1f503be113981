import type { CommandResult, Context } from '../command/context.ts'
import type { Answers } from '../command/result.ts'
import { exitCodes } from '../core/exit-code.ts'
import { exitCodeWith } from '../migrations/unreached.ts'
import { administerReached, targetOf, toUnreachableDatabase } from './administer.ts'

type Outcome = Answers['databases']['databases'][number]

/** Creates the schemas that do not exist yet, in utf8mb4. */
export async function createSchemas(context: Context): Promise<CommandResult<Answers['databases']>> {
  const { answers, isIncomplete } = await administerReached(
    context,
    async (administration, database): Promise<Outcome> => ({
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
}
