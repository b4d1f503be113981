import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { DatabaseOutcome } from '../../core/result.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { administerReached, targetOf, toUnreachableDatabase } from '../administer.ts'

export const input = z.strictObject({})

/** `wwdb db create`: makes the schemas that are not there yet, in utf8mb4. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
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
}
