import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { changeNamed, requireReason } from '../named-shards.ts'
import { holdNamed } from '../rotation/single-shards.ts'

export const input = z.strictObject({
  family: z.string(),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
  reason: z.optional(z.string().check(z.maxLength(500))),
})

/** `wwdb shards hold`: lets nothing be taken from shards, whatever the policy says. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const holding = { reason: requireReason(options.reason), by: context.person }
  return changeNamed(context, 'shards hold', options, false, (_, target, family, keys) =>
    holdNamed(target, family, keys, holding),
  )
}
