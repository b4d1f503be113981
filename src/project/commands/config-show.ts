import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'

export const input = z.strictObject({})

/** Shows every value that is in force and where it came from; secrets are `***`. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return { result: { kind: 'config', ...(await context.configReport()) }, exitCode: exitCodes.done }
}
