import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import { administerEach, targetOf } from './administer.ts'
import type { CommandResult, Context } from './context.ts'

export const input = z.strictObject({})

/** `wwdb db ping`: connects to the server of each database and says what answers. Throws where one does not. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const databases = await administerEach(context, async (administration, database) => ({
    target: targetOf(database),
    state: 'reachable' as const,
    detail: `MySQL ${administration.version}, schema ${(await administration.schemaExists()) ? 'exists' : 'does not exist yet'}`,
  }))
  return { result: { kind: 'databases', command: 'db ping', databases }, exitCode: exitCodes.done }
}
