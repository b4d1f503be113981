import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import { stepName } from '../domain/plan.ts'
import { refreshTarget } from '../engine/targets.ts'
import type { CommandResult, Context } from './context.ts'
import { confirmRollback } from './rollback.ts'
import { runTargets } from './run-targets.ts'
import { withTargets } from './with-targets.ts'

export const input = z.strictObject({
  steps: z.optional(z.number().check(z.int(), z.positive())),
  dryRun: z.optional(z.boolean()),
  noProbe: z.optional(z.boolean()),
  allow: z.optional(z.array(z.string())),
})

/** `wwdb redo`: reverts what was applied last and applies the same again, as its files are now. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const dryRun = options.dryRun ?? false
  const common = {
    command: 'redo',
    to: null,
    dryRun,
    allow: options.allow ?? [],
    probe: options.noProbe !== true && !dryRun,
  }
  return withTargets(context, { writable: !dryRun }, async (config, open) => {
    const reverted = new Set<string>()
    const down = await runTargets(context, config, open, {
      ...common,
      direction: 'down',
      steps: options.steps ?? 1,
      confirm: async (plan) => {
        await confirmRollback(context, plan)
        for (const target of plan.targets) for (const step of target.steps) reverted.add(stepName(step))
      },
    })
    if (dryRun || down.exitCode !== exitCodes.done || reverted.size === 0) return down
    const targets = await Promise.all(open.targets.map(refreshTarget))
    return runTargets(
      context,
      config,
      { ...open, targets },
      { ...common, direction: 'up', steps: null, only: reverted, confirm: async () => {} },
    )
  })
}
