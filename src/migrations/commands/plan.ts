import { resolve } from 'node:path'
import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { writePlanFile } from '../plan-file.ts'
import { isIncomplete, makeRunPlan } from '../run-targets.ts'
import { exitCodeWith } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'

export const input = z.strictObject({
  to: z.optional(z.string()),
  steps: z.optional(z.number().check(z.int(), z.positive())),
  direction: z.optional(z.enum(['up', 'down'])),
  out: z.optional(z.string()),
  noProbe: z.optional(z.boolean()),
})

/** `wwdb plan`: what a run would do, for people, programs or a later run. Writes nothing to a server. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  // A plan for a later run is of all databases, or of none.
  const unreached = options.out === undefined ? 'skip' : 'fail'
  return withTargets(context, { writable: false, plans: true, unreached }, async (config, open) => {
    const wish = { direction: options.direction ?? 'up', to: options.to ?? null, steps: options.steps ?? null }
    const plan = await makeRunPlan(context, config, open, { ...wish, probe: options.noProbe !== true })
    if (options.out !== undefined) {
      await writePlanFile(resolve(context.cwd, options.out), plan, { ...wish, targets: context.targets })
    }
    const exitCode = exitCodeWith(exitCodes.done, isIncomplete(plan))
    return { result: { kind: 'plan', plan, file: options.out ?? null }, exitCode }
  })
}
