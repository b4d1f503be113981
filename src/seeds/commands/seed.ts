import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { confirmPrune, exitCodeOfSeeds, plainWish, seedTargets } from '../run-seeds.ts'

export const input = z.strictObject({
  only: z.optional(z.array(z.string())),
  prune: z.optional(z.boolean()),
})

/** `wwdb seed`: inserts what is missing and updates what differs, one transaction a database. */
export async function run({ only, prune }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const started = performance.now()
  const config = await context.config()
  const report = await seedTargets(context, config, {
    ...plainWish,
    only: only ?? [],
    prune: prune ?? false,
    approve: (plans) => confirmPrune(context, plans),
  })
  const { outcomes } = report
  return {
    result: { kind: 'seed', command: 'seed', outcomes, milliseconds: performance.now() - started, dryRun: false },
    exitCode: exitCodeOfSeeds(report),
  }
}
