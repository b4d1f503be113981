import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { changeNamed, requireReason, unprotectNamed } from '../rotation/named-shards.ts'

export const input = z.strictObject({
  family: z.string(),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
  reason: z.optional(z.string().check(z.maxLength(500))),
})

/** `wwdb shards unprotect`: gives protected shards back to their policy. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const given = { reason: requireReason(options.reason), by: context.person }
  return changeNamed(context, 'shards unprotect', options, false, (_, target, family, keys) =>
    unprotectNamed(target, family, keys, given),
  )
}
