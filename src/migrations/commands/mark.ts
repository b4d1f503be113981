import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { nothingTouched, type TouchedObjects } from '../../ddl/recorded-schema.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { isBaselined } from '../journal/journal.ts'
import { type JournalChangePlan, recordPass, runJournalCommand } from '../journal-commands.ts'
import { recordingOf } from '../run-targets.ts'
import type { OpenTarget } from '../targets.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb mark`: records in the journal that one migration ran, or did not. Runs nothing. */
export const command = defineCommand({
  name: 'mark',
  group: 'Migrations',
  summary: 'record one migration as applied or as pending',
  purpose:
    'Records in the journal that one migration was applied, or was not, without running anything. For use when ' +
    'a file was run by hand, or reverted by hand.',
  examples: [
    { command: 'wwdb mark 20260301000000 --applied -t user_db', purpose: 'it was run by hand' },
    { command: 'wwdb mark 20260301000000 --pending -t user_db', purpose: 'it was undone by hand: run it again' },
  ],
  arguments: { version: { description: 'the migration', required: true } },
  flags: {
    'What to record': {
      applied: { description: 'it has run', conflicts: ['pending'] },
      pending: { description: 'it has not run', conflicts: ['applied'] },
    },
    Safety: { dryRun: { ...dryRun, description: 'show what would be recorded, without writing anything' } },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    if ((options.applied ?? false) === (options.pending ?? false)) {
      const fault = { what: '`wwdb mark` needs to know what to record.', next: 'Give `--applied` or `--pending`.' }
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
          what: `No migration has the version ${options.version}.`,
          next: 'Give a version that `wwdb status` lists.',
        })
      }
      return runJournalCommand(context, config, open, {
        command: 'mark',
        dryRun: options.dryRun ?? false,
        decide: (target) => decide(target, options.version, direction),
        recording: recordingOf(config, context, () => readScope(config)),
        said: (target) => saidToRun(target, options.version, direction),
      })
    })
  },
})

/** What was run by hand is not drift: the objects that the statements name, or everything where they do not show that. */
function saidToRun({ all }: OpenTarget, version: string, direction: 'up' | 'down'): TouchedObjects {
  const migration = all.find((one) => compareVersions(one.version, version) === 0)
  const script = direction === 'up' ? migration?.up : migration?.down
  if (script === undefined || script === null) return nothingTouched
  if (script.type !== 'statements') return { everything: script.type === 'module', objects: [] }
  return {
    everything: script.statements.some((one) => one.class === 'call' || one.class === 'execute'),
    objects: script.statements.flatMap(({ objects }) => objects),
  }
}

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
