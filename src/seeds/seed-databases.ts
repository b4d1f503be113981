import type { CommandResult, Context } from '../command/context.ts'
import type { Answers } from '../command/result.ts'
import { confirmPrune, exitCodeOfSeeds, seedEverything, seedTargets } from './run-seeds.ts'

/**
 * Brings the reference data of the chosen databases to the state of its files, and asks before rows are removed.
 * @param only names of files and tables; empty for all
 */
export async function seed(
  context: Context,
  { only, prune }: { readonly only: readonly string[]; readonly prune: boolean },
): Promise<CommandResult<Answers['seed']>> {
  const started = performance.now()
  const config = await context.config()
  const approve = (plans: Parameters<typeof confirmPrune>[1]): Promise<void> => confirmPrune(context, plans)
  const report = await seedTargets(context, config, { ...seedEverything, only, prune, approve })
  const { outcomes } = report
  return {
    result: { kind: 'seed', command: 'seed', outcomes, milliseconds: performance.now() - started, dryRun: false },
    exitCode: exitCodeOfSeeds(report),
  }
}
