import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { changeNamed, requireReason } from '../named-shards.ts'
import { releaseNamed } from '../rotation/single-shards.ts'

export const input = z.strictObject({
  family: z.string(),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
  reason: z.optional(z.string().check(z.maxLength(500))),
})

/** `wwdb shards release`: gives held shards back to their policy. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const holding = { reason: requireReason(options.reason), by: context.person }
  return changeNamed(context, 'shards release', options, false, (_, target, family, keys) =>
    releaseNamed(target, family, keys, holding),
  )
}
