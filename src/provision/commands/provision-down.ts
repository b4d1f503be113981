import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { toRemoved } from '../collect-garbage.ts'
import { withProvision } from '../provision-context.ts'
import { removeSet } from '../remove-set.ts'

export const input = z.strictObject({ name: z.string(), owner: z.optional(z.string()) })

/** `wwdb provision down`: drops a set that the registry has, for its owner. */
export function run({ name, owner }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return withProvision(context, async (provision) => {
    const record = await removeSet(provision, name, owner ?? context.person)
    const removed = [toRemoved({ record, why: 'it was asked for' })]
    return { result: { kind: 'provision-removal', dryRun: false, removed, failed: [] }, exitCode: exitCodes.done }
  })
}
