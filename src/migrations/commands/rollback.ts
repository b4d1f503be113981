import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import type { Plan } from '../plan.ts'
import { migrationLabel } from '../plan.ts'
import { runTargets } from '../run-targets.ts'
import { withTargets } from '../with-targets.ts'

export const input = z.strictObject({
  to: z.optional(z.string()),
  steps: z.optional(z.number().check(z.int(), z.positive())),
  dryRun: z.optional(z.boolean()),
  noProbe: z.optional(z.boolean()),
  allow: z.optional(z.array(z.string())),
  errorBudget: z.optional(z.number().check(z.int(), z.nonnegative())),
  failedOnly: z.optional(z.boolean()),
})

/** Asks before down parts run: they usually remove data. */
export async function confirmRollback(context: Context, plan: Plan): Promise<void> {
  const steps = plan.targets.flatMap((target) => target.steps)
  if (steps.length === 0) return
  const names = steps.map((step) => `${step.migration.database}/${migrationLabel(step.migration)}`)
  const list = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  await context.confirm({
    what: `This rolls back ${list}. What they made is removed, with the data in it.`,
    level: (await context.config()).protected ? 'severe' : 'moderate',
    name: 'rollback',
  })
}

/** `wwdb rollback`: runs the down parts of what was applied last, newest first. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return withTargets(context, { writable: options.dryRun !== true, plans: true, unreached: 'skip' }, (config, open) =>
    runTargets(context, config, open, {
      command: 'rollback',
      direction: 'down',
      to: options.to ?? null,
      steps: options.to === undefined ? (options.steps ?? 1) : null,
      dryRun: options.dryRun ?? false,
      allow: options.allow ?? [],
      probe: options.noProbe !== true && options.dryRun !== true,
      errorBudget: options.errorBudget,
      failedOnly: options.failedOnly,
      confirm: (plan) => confirmRollback(context, plan),
    }),
  )
}
