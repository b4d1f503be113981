import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { changeNamed, protectNamed, requireReason } from '../rotation/named-shards.ts'

export const input = z.strictObject({
  family: z.string(),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
  reason: z.optional(z.string().check(z.maxLength(500))),
})

/** `wwdb shards protect`: nothing is taken from these shards until they are unprotected, whatever the policy says. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const given = { reason: requireReason(options.reason), by: context.person }
  return changeNamed(context, 'shards protect', options, false, (_, target, family, keys) =>
    protectNamed(target, family, keys, given),
  )
}
