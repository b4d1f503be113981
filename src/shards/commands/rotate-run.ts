import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { makeRotationWork, toRotationResult } from '../rotation/request.ts'
import { runRotation } from '../rotation/run-rotation.ts'
import { planRotationNow } from './rotate-plan.ts'

export const input = z.strictObject({
  family: z.optional(z.array(z.string())),
  ahead: z.optional(z.int().check(z.minimum(0), z.maximum(1000))),
  dryRun: z.optional(z.boolean()),
  trustClock: z.optional(z.boolean()),
})

/** `wwdb rotate run`: creates what is needed ahead and what is missing, then retires what the policies say. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const wish = {
    families: options.family ?? [],
    ahead: options.ahead ?? 0,
    at: null,
    trustClock: options.trustClock === true,
  }
  if (options.dryRun === true) return planRotationNow(context, wish)
  const started = performance.now()
  const work = await makeRotationWork(context, wish)
  context.emit({ type: 'run-started', command: 'rotate run', targets: [] })
  return toRotationResult('rotate run', await runRotation(work), started)
}
