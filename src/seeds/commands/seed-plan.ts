import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { exitCodeOfSeeds, plainWish, seedTargets } from '../run-seeds.ts'

export const input = z.strictObject({
  only: z.optional(z.array(z.string())),
  prune: z.optional(z.boolean()),
  exitCode: z.optional(z.boolean()),
})

/** `wwdb seed plan`: what a seed run would change, row by row. Writes nothing, takes no lock. */
export async function run(
  { only, prune, exitCode = false }: z.infer<typeof input>,
  context: Context,
): Promise<CommandResult> {
  const started = performance.now()
  const config = await context.config()
  const report = await seedTargets(context, config, {
    ...plainWish,
    only: only ?? [],
    prune: prune ?? false,
    write: false,
  })
  const { outcomes } = report
  const differs = outcomes.some(({ state, rows }) => state === 'planned' || rows.length > 0)
  return {
    result: { kind: 'seed', command: 'seed plan', outcomes, milliseconds: performance.now() - started, dryRun: true },
    exitCode: report.error === null && differs && exitCode ? exitCodes.findings : exitCodeOfSeeds(report),
  }
}
