import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { exitCodeWith, listUnreached } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'

export const input = z.strictObject({ limit: z.optional(z.number().check(z.int(), z.positive())) })

/** `wwdb history`: what the journals hold, newest first. Writes nothing. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return withTargets(context, { writable: false, missing: 'skip', unreached: 'skip' }, async (_config, open) => {
    const targets = open.targets.map(({ session, snapshot }) => ({
      target: session.target,
      passes: snapshot.passes.toReversed().slice(0, options.limit ?? snapshot.passes.length),
    }))
    const unreached = listUnreached(open.unreached)
    return {
      result: { kind: 'history', targets, unreached },
      exitCode: exitCodeWith(exitCodes.done, unreached.length > 0),
    }
  })
}
