import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { chooseStores } from '../chosen-stores.ts'
import { planStores } from '../set-up-stores.ts'

export const input = z.strictObject({
  only: z.optional(z.array(z.enum(storeKinds))),
  exitCode: z.optional(z.boolean()),
})

/** `wwdb setup plan`: what would bring the stores to their declarations. Writes nothing. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { outcomes, error } = await planStores(await chooseStores(context, options.only ?? []))
  const changes = outcomes.reduce((sum, { plan }) => sum + (plan?.changes.length ?? 0), 0)
  const found = options.exitCode === true && changes > 0 ? exitCodes.findings : exitCodes.done
  return { result: { kind: 'store-plan', stores: outcomes, changes }, exitCode: error?.exitCode ?? found }
}
