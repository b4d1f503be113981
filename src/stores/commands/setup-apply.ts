import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { type StoreKind, storeKinds } from '../../core/store.ts'
import { chooseStores } from '../chosen-stores.ts'
import { type SetUpRequest, setUpStores } from '../set-up-stores.ts'

export const input = z.strictObject({
  only: z.optional(z.array(z.enum(storeKinds))),
  allow: z.optional(z.array(z.string())),
})

/** `wwdb setup apply`: brings the stores to their declarations, and reads back that they are. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const started = performance.now()
  const request = await makeSetUpRequest(context, options.only ?? [], options.allow ?? [])
  context.emit({ type: 'run-started', command: 'setup apply', targets: [] })
  const { outcomes, error } = await setUpStores(request)
  const milliseconds = performance.now() - started
  return {
    result: { kind: 'store-run', command: 'setup apply', stores: outcomes, milliseconds },
    exitCode: error?.exitCode ?? exitCodes.done,
  }
}

/** What setting up the stores asked for needs; in a protected environment a loss wants the name as well. */
export async function makeSetUpRequest(
  context: Context,
  only: readonly StoreKind[],
  allow: readonly string[],
): Promise<SetUpRequest> {
  const { protected: isProtected } = await context.config()
  const level = isProtected ? 'severe' : 'moderate'
  return {
    stores: await chooseStores(context, only),
    permission: { allow, confirm: (what) => context.confirm({ what, level, name: 'setup' }) },
    emit: context.emit,
    stop: context.stop,
  }
}
