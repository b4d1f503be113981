import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { inspectStores, startStores } from '../../stores/sandbox/sandbox-stores.ts'
import { startSandbox } from '../start.ts'
import { sandboxResult } from './sandbox-result.ts'

export const input = z.strictObject({
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65535))),
  provider: z.optional(z.enum(['docker', 'installed', 'portable'])),
  with: z.optional(z.array(z.enum(storeKinds))),
})

/** Starts the local server, and the stores asked for, or finds them running; what they hold stays. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { port, provider } = options
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
  await startStores(options.with ?? [], {
    directory: sandbox.directory,
    port: port ?? sandbox.port,
    interrupted: () => context.stop.requested,
    emit: context.emit,
  })
  const stores = await inspectStores(sandbox.directory)
  const result = sandboxResult({ state: 'running', sandbox: state }, sandbox.directory, stores)
  return { result, exitCode: exitCodes.done }
}
