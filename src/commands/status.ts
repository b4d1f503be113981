import * as z from 'zod/mini'
import { exitCodes } from '../domain/exit-code.ts'
import type { TargetStatus } from '../domain/migration-status.ts'
import { describeMigrations, describePending, needsAttention } from '../engine/status.ts'
import { exitCodeWith, listUnreached } from '../engine/unreached.ts'
import type { CommandResult, Context } from './context.ts'
import { addShardProgress } from './shard-progress.ts'
import { withTargets } from './with-targets.ts'

export const input = z.strictObject({
  pending: z.optional(z.boolean()),
  exitCode: z.optional(z.boolean()),
})

/** `wwdb status`: what is applied, pending, partial or changed. Writes nothing. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return withTargets(
    context,
    { writable: false, missing: 'skip', unreached: 'skip' },
    async (config, open, migrations) => {
      const present = await Promise.all(
        open.targets.map(
          async (target): Promise<TargetStatus> => ({
            target: target.session.target,
            serverVersion: target.session.facts.version,
            schemaExists: true,
            migrations: await addShardProgress(context, config, target, describeMigrations(target)),
          }),
        ),
      )
      const absent = open.missing.map(
        (database): TargetStatus => ({
          target: { database: database.name, schema: database.schema, server: database.server.label },
          serverVersion: null,
          schemaExists: false,
          migrations: describePending(migrations.get(database.name) ?? []),
        }),
      )
      const all = [...present, ...absent].sort((a, b) => (a.target.database < b.target.database ? -1 : 1))
      const pending = all.flatMap((target) => target.migrations).filter(needsAttention).length
      const targets =
        options.pending === true
          ? all.map((target) => ({ ...target, migrations: target.migrations.filter(needsAttention) }))
          : all
      const unreached = listUnreached(open.unreached)
      const exitCode = options.exitCode === true && pending > 0 ? exitCodes.findings : exitCodes.done
      return {
        result: { kind: 'status', targets, unreached, pending },
        exitCode: exitCodeWith(exitCode, unreached.length > 0),
      }
    },
  )
}
