import { resolve } from 'node:path'
import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { comparePlan, readPlanFile } from '../plan-file.ts'
import { runTargets } from '../run-targets.ts'
import { withTargets } from '../with-targets.ts'
import { confirmRollback } from './rollback.ts'

export const input = z.strictObject({
  to: z.optional(z.string()),
  steps: z.optional(z.number().check(z.int(), z.positive())),
  plan: z.optional(z.string()),
  dryRun: z.optional(z.boolean()),
  noProbe: z.optional(z.boolean()),
  allow: z.optional(z.array(z.string())),
  errorBudget: z.optional(z.number().check(z.int(), z.nonnegative())),
  failedOnly: z.optional(z.boolean()),
})

/** `wwdb migrate`: brings every database to the state of its files, or exactly where a plan in a file says. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const kept = options.plan === undefined ? null : await readPlanFile(resolve(context.cwd, options.plan))
  const wish = kept?.options ?? {
    direction: 'up',
    to: options.to ?? null,
    steps: options.steps ?? null,
    targets: context.targets,
  }
  return withTargets(
    { ...context, targets: wish.targets },
    // A plan in a file is of all its databases: it is run as it was looked at, or not at all.
    { writable: options.dryRun !== true, plans: true, unreached: kept === null ? 'skip' : 'fail' },
    (config, open) =>
      runTargets(context, config, open, {
        command: 'migrate',
        direction: wish.direction,
        to: wish.to,
        steps: wish.steps,
        dryRun: options.dryRun ?? false,
        allow: options.allow ?? [],
        probe: options.noProbe !== true && options.dryRun !== true,
        errorBudget: options.errorBudget,
        failedOnly: options.failedOnly,
        confirm: async (plan) => {
          if (options.plan !== undefined && kept !== null) comparePlan(options.plan, kept, plan)
          if (plan.direction === 'down') await confirmRollback(context, plan)
        },
      }),
  )
}
