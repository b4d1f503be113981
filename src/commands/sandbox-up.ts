import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import { startSandbox } from '../sandbox/start.ts'
import type { CommandResult, Context } from './context.ts'
import { sandboxResult } from './sandbox-result.ts'

export const input = z.strictObject({
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65535))),
  provider: z.optional(z.enum(['docker', 'installed', 'portable'])),
})

/** Starts the local server, or finds it running; what it holds stays. */
export async function run({ port, provider }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { sandbox } = await context.config()
  const url = sandbox.url?.reveal() ?? null
  const state = await startSandbox(
    {
      directory: sandbox.directory,
      port: port ?? sandbox.port,
      url,
      provider: provider ?? null,
      interrupted: () => context.stop.requested,
    },
    context.emit,
  )
  return { result: sandboxResult({ state: 'running', sandbox: state }, sandbox.directory), exitCode: exitCodes.done }
}
