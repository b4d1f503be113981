import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { inspectStores } from '../../stores/sandbox/sandbox-stores.ts'
import { readSandbox } from '../status.ts'
import { sandboxResult } from './sandbox-result.ts'

export const input = z.strictObject({})

/** Says whether the local server runs, what it is and how to reach it; changes nothing. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { directory, url } = (await context.config()).sandbox
  const report = await readSandbox(directory, url?.reveal() ?? null)
  return { result: sandboxResult(report, directory, await inspectStores(directory)), exitCode: exitCodes.done }
}
