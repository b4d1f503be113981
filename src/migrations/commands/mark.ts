import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { isBaselined } from '../journal/journal.ts'
import { type JournalChangePlan, recordPass, runJournalCommand } from '../journal-commands.ts'
import { migrationLabel } from '../plan.ts'
import type { OpenTarget } from '../targets.ts'
import { withTargets } from '../with-targets.ts'

export const input = z.strictObject({
  version: z.string(),
  applied: z.optional(z.boolean()),
  pending: z.optional(z.boolean()),
  dryRun: z.optional(z.boolean()),
})

function decide(target: OpenTarget, version: string, direction: 'up' | 'down'): readonly JournalChangePlan[] {
  const migration = target.all.find((one) => compareVersions(one.version, version) === 0)
  if (migration === undefined) return []
  const assumed = isBaselined(target.state, migration.version) ? 'applied' : 'pending'
  const state = target.state.states.get(migration.version)?.type ?? assumed
  if (state === (direction === 'up' ? 'applied' : 'pending')) return []
  const { nextPass } = target.state
  return [
    {
      what: `${migrationLabel(migration)} marked ${direction === 'up' ? 'applied' : 'pending'}`,
      apply: ({ session }) =>
        recordPass(session, {
          pass: nextPass,
          version: migration.version,
          name: migration.name,
          kind: 'mark',
          direction,
          checksum: migration.checksum,
        }),
    },
  ]
}

/** `wwdb mark`: says in the journal that one migration ran, or did not. Runs nothing. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  if ((options.applied ?? false) === (options.pending ?? false)) {
    const fault = { what: 'mark needs to know what to record', next: 'Give --applied or --pending.' }
    throw new ToolError('USAGE', fault)
  }
  const direction = options.applied === true ? 'up' : 'down'
  return withTargets(context, { writable: true, unreached: 'skip' }, (config, open) => {
    if (
      ![...open.targets, ...open.unreached].some(({ all }) =>
        all.some((migration) => compareVersions(migration.version, options.version) === 0),
      )
    ) {
      throw new ToolError('UNKNOWN_VERSION', {
        what: `No migration has the version ${options.version}`,
        next: 'Give a version that `wwdb status` lists.',
      })
    }
    return runJournalCommand(context, config, open, {
      command: 'mark',
      dryRun: options.dryRun ?? false,
      decide: (target) => decide(target, options.version, direction),
    })
  })
}
