import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { chooseStores } from '../chosen-stores.ts'
import type { StoreVerification } from '../outcome.ts'
import { verifyStores } from '../verify-stores.ts'

export const input = z.strictObject({ only: z.optional(z.array(z.enum(storeKinds))) })

/** `wwdb setup verify`: proves that the stores are as declared and do what they are for. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { outcomes, error } = await verifyStores(await chooseStores(context, options.only ?? []))
  const findings = outcomes.reduce((sum, outcome) => sum + countBad(outcome), 0)
  const found = findings > 0 ? exitCodes.findings : exitCodes.done
  return { result: { kind: 'store-verification', stores: outcomes, findings }, exitCode: error?.exitCode ?? found }
}

function countBad({ findings, checks }: StoreVerification): number {
  const drift = findings.filter(({ severity }) => severity === 'error').length
  return drift + checks.filter(({ state }) => state === 'bad').length
}
