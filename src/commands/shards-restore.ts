import * as z from 'zod/mini'
import { restoreNamed } from '../engine/shards/rotation/single-shards.ts'
import type { CommandResult, Context } from './context.ts'
import { changeNamed } from './named-shards.ts'

export const input = z.strictObject({
  family: z.string(),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
  reason: z.optional(z.string().check(z.maxLength(500))),
})

/** `wwdb shards restore`: brings shards back from their hold or their archive, with those that they refer to. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const holding = { reason: options.reason?.trim() || 'it was restored by hand', by: context.person }
  return changeNamed(context, 'shards restore', options, true, (work, target, family, keys) =>
    restoreNamed(work, target, family, keys, holding),
  )
}
