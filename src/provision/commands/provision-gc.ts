import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { Result } from '../../core/result.ts'
import { collectGarbage, findGarbage, toRemoved } from '../collect-garbage.ts'
import type { RemovedSet, UnremovedSet } from '../provision.ts'
import { withProvision } from '../provision-context.ts'

export const input = z.strictObject({ olderThan: z.optional(z.string()), dryRun: z.optional(z.boolean()) })

/** `wwdb provision gc`: drops the sets that nobody needs any more. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const age = options.olderThan === undefined ? null : readDurationFlag('--older-than', options.olderThan)
  const dryRun = options.dryRun ?? false
  return withProvision(context, async (provision) => {
    if (dryRun) return { result: removal(await look(), []), exitCode: exitCodes.done }
    const { removed, failed, exitCode } = await collectGarbage(provision, age)
    return { result: removal(removed, failed), exitCode: exitCode ?? exitCodes.done }

    function removal(removed: readonly RemovedSet[], failed: readonly UnremovedSet[]): Result {
      return { kind: 'provision-removal', dryRun, removed, failed }
    }

    async function look() {
      const { now, records } = await provision.registry.read()
      return findGarbage(records, now, age).map(toRemoved)
    }
  })
}
