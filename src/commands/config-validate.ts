import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import { type Fault, ToolError } from '../domain/tool-error.ts'
import type { CommandResult, Context } from './context.ts'

export const input = z.strictObject({})

/** Lists every fault of the configuration; exit code 78 where there is one. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  try {
    const { file } = await context.config()
    return report([], file === null ? 0 : 1)
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'CONFIG_INVALID') throw error
    const files = new Set(error.faults.flatMap((fault) => fault.where?.file ?? []))
    return report(error.faults, files.size)
  }
}

function report(faults: readonly Fault[], files: number): CommandResult {
  return {
    result: { kind: 'validation', faults, hazards: [], files, statements: 0 },
    exitCode: faults.length === 0 ? exitCodes.done : exitCodes.configuration,
  }
}
