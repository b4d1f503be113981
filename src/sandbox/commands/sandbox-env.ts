import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { storeVariables } from '../../stores/sandbox/sandbox-stores.ts'
import { sandboxEnvironment } from '../environment.ts'
import { readSandbox } from '../status.ts'

export const input = z.strictObject({})

/** Prints the lines that make a shell use the sandbox. One that does not run has none: a shell must not be led astray. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { directory, url } = (await context.config()).sandbox
  const given = url?.reveal() ?? null
  const report = await readSandbox(directory, given)
  if (report.state !== 'running') {
    throw new ToolError('SANDBOX_FAILED', {
      what: 'The sandbox does not run.',
      next: 'Start it with `wwdb sandbox up`.',
    })
  }
  const content = sandboxEnvironment(report.sandbox, directory, given, await storeVariables(directory))
  return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
}
