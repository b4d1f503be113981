import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import type { CommandResult, Context } from './context.ts'

export const input = z.strictObject({})

/** Shows every value that is in force and where it came from; secrets are `***`. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return { result: { kind: 'config', ...(await context.configReport()) }, exitCode: exitCodes.done }
}
