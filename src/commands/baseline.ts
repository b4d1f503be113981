import * as z from 'zod/mini'
import { ToolError } from '../domain/tool-error.ts'
import { compareVersions } from '../domain/version-order.ts'
import { recordPass } from '../engine/record.ts'
import type { OpenTarget } from '../engine/targets.ts'
import type { CommandResult, Context } from './context.ts'
import { type JournalChangePlan, runJournalCommand } from './journal-commands.ts'
import { withTargets } from './with-targets.ts'

export const input = z.strictObject({ version: z.string(), dryRun: z.optional(z.boolean()) })

function refuseUsed(target: OpenTarget, highest: string): ToolError {
  return new ToolError('BASELINE_REFUSED', {
    what: `${target.database.name} has a journal already: ${highest} is applied`,
    where: { database: target.database.name, server: target.session.target.server },
    why: 'a baseline takes over a database that wwdb has never migrated',
    next: 'Record single migrations with `wwdb mark VERSION --applied`.',
  })
}

function decide(target: OpenTarget, version: string): readonly JournalChangePlan[] {
  const { baseline, highest, nextPass } = target.state
  if (baseline === version) return []
  if (highest !== null) throw refuseUsed(target, highest)
  const covered = target.all.filter(
    (migration) => migration.kind !== 'repeatable' && compareVersions(migration.version, version) <= 0,
  )
  return [
    {
      what: `baseline ${version}: ${covered.length} migrations count as applied`,
      apply: ({ session }) =>
        recordPass(session, {
          pass: nextPass,
          version,
          name: 'baseline',
          kind: 'baseline',
          direction: 'up',
          checksum: '',
        }),
    },
  ]
}

/** `wwdb baseline`: takes over a database that already looks as its files up to VERSION say. Runs nothing. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  if (!/^\d+$/.test(options.version)) {
    throw new ToolError('BASELINE_REFUSED', {
      what: `'${options.version}' is no version`,
      why: 'versions are digits, as in the names of the files',
      next: 'Give a version that `wwdb status` lists.',
    })
  }
  return withTargets(context, { writable: true, unreached: 'skip' }, (config, open) =>
    runJournalCommand(context, config, open, {
      command: 'baseline',
      dryRun: options.dryRun ?? false,
      decide: (target) => decide(target, options.version),
    }),
  )
}
