import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import { administerEach, targetOf } from './administer.ts'
import type { CommandResult, Context } from './context.ts'

export const input = z.strictObject({})

/** `wwdb db create`: makes the schemas that are not there yet, in utf8mb4. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const databases = await administerEach(context, async (administration, database) => ({
    target: targetOf(database),
    state: await administration.createSchema(),
    detail: null,
  }))
  return { result: { kind: 'databases', command: 'db create', databases }, exitCode: exitCodes.done }
}
