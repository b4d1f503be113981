import * as z from 'zod/mini'
import type { CommandResult } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'

export const input = z.strictObject({})

/** The JSON Schema of the configuration file. Its maker is imported here only: no other command needs it. */
export async function run(): Promise<CommandResult> {
  const { configJsonSchema } = await import('../../config/json-schema.ts')
  const content = `${JSON.stringify(configJsonSchema(), null, 2)}\n`
  return { result: { kind: 'document', format: 'json', content }, exitCode: exitCodes.done }
}
