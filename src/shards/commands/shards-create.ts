import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { changeNamed, createNamed } from '../rotation/named-shards.ts'

export const input = z.strictObject({
  family: z.string(),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
})

/** `wwdb shards create`: makes shards now, and those that they refer to. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return changeNamed(context, 'shards create', options, true, createNamed)
}
