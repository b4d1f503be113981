import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import { declareKeys } from '../engine/declared-keys.ts'
import { findOrphans, nameTable } from '../engine/find-orphans.ts'
import type { CommandResult, Context } from './context.ts'
import { withTargets } from './with-targets.ts'

export const input = z.strictObject({
  all: z.optional(z.boolean()),
  limit: z.optional(z.number().check(z.int(), z.positive())),
})

/** Samples a key without --limit. */
const defaultLimit = 5

/** `wwdb check references`: rows whose foreign keys point at nothing. Writes nothing; exit code 1 where there are any. */
export function run(
  { all = false, limit = defaultLimit }: z.infer<typeof input>,
  context: Context,
): Promise<CommandResult> {
  return withTargets(context, { writable: false, missing: 'skip' }, async (config, open, migrations) => {
    const declared = await declareKeys(config, open, migrations, all)
    const keys = await findOrphans({
      config,
      keys: declared,
      servers: await context.servers(),
      limit,
      starting: ({ child }, index) => {
        const place = `${nameTable(child)} (${child.columns.join(', ')})`
        context.emit({ type: 'progress', message: `Checking ${place}, ${index + 1} of ${declared.length}` })
      },
    })
    const found = keys.some((key) => key.state === 'orphaned')
    return {
      result: { kind: 'orphans', references: open.references, keys },
      exitCode: found ? exitCodes.findings : exitCodes.done,
    }
  })
}
