import { defineCommand } from '../../command/define-command.ts'
import type { Emit } from '../../command/event.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { listCovered } from '../baseline.ts'
import { recoverTarget } from '../execute/recover.ts'
import { ranNothing } from '../journal/journal.ts'
import { type JournalChangePlan, recordPass, runJournalCommand } from '../journal-commands.ts'
import { recordingOf } from '../run-targets.ts'
import type { OpenTarget, OpenTargets } from '../targets.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb baseline`: takes over a database that already matches its files up to VERSION. Runs nothing. */
export const command = defineCommand({
  name: 'baseline',
  group: 'Migrations',
  summary: 'take over a database that already has its tables',
  purpose:
    'Records every migration up to and including VERSION as applied without running it. For a database that ' +
    'existed before wwdb and already has the schema of those files: they run in scratch schemas first, and if the ' +
    'result differs from the database, the difference is shown, nothing is recorded, and the exit code is 1.',
  examples: [
    { command: 'wwdb baseline 20260101000000 -t user_db', purpose: 'one database stands at this version' },
    { command: 'wwdb baseline 20260101000000 --dry-run', purpose: 'see what would be recorded' },
    {
      command: 'wwdb baseline 0001 --from-live',
      purpose: 'a database without migration files: the current schema becomes the first one',
    },
  ],
  arguments: { version: { description: 'the last version that the database already has', required: true } },
  flags: {
    'What to record': {
      fromLive: {
        description:
          'first write the current schema of each database as its migration VERSION, for a database that has no migrations yet',
      },
    },
    Safety: {
      acceptDrift: {
        description: 'record it without a comparison, for example when the difference shown is intentional',
      },
      dryRun: { ...dryRun, description: 'show what would be recorded, without writing anything' },
    },
  },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    if (!/^\d+$/.test(options.version)) {
      throw new ToolError('BASELINE_REFUSED', {
        what: `\`${options.version}\` is not a version.`,
        why: 'A version is the digits at the start of a file name.',
        next: 'Give a version that `wwdb status` lists.',
      })
    }
    if (options.fromLive) {
      const { planBaselineFiles, writeBaselineFiles } = await import('../../schema/write/baseline-files.ts')
      const files = await planBaselineFiles(context, options.version)
      if (options.dryRun) {
        const content = files.map(({ file, text }) => `-- ${file}\n${text}`).join('\n')
        return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
      }
      await writeBaselineFiles(files)
      for (const { file } of files) context.emit({ type: 'progress', message: `Wrote \`${file}\`.` })
    }
    return withTargets(context, { writable: true, unreached: 'skip' }, async (config, open, migrations) => {
      refuseUnknown(open, options.version)
      const begun = open.targets.filter((target) => decide(target, options.version, context.emit).length > 0)
      if (!options.fromLive && !options.acceptDrift && begun.length > 0) {
        const { compareBaseline } = await import('../../schema/drift/compare-baseline.ts')
        const found = await compareBaseline(context, config, begun, migrations, options.version)
        if (found !== null) {
          const result = { kind: 'schema-diff', from: 'live', ...found, unreached: [] } as const
          return { result, exitCode: exitCodes.findings }
        }
      }
      return runJournalCommand(context, config, open, {
        command: 'baseline',
        dryRun: options.dryRun ?? false,
        decide: (target) => decide(target, options.version, context.emit),
        recording: recordingOf(config, context, () => readScope(config)),
        said: () => ({ everything: true, objects: [] }),
      })
    })
  },
})

function refused(target: OpenTarget, what: string, next: string): ToolError {
  return new ToolError('BASELINE_REFUSED', {
    what,
    where: { database: target.database.name, server: target.session.target.server },
    why: 'A baseline takes over a database in which wwdb has not run anything yet.',
    next,
  })
}

/** What prevents a baseline: a statement that ran, or may have run, or another baseline. */
function refuseUsed(target: OpenTarget): void {
  const { name } = target.database
  const { baseline, states } = target.state
  const mark = `Record single migrations with \`wwdb mark VERSION --applied --target ${name}\`.`
  if (baseline !== null) throw refused(target, `\`${name}\` has the baseline ${baseline} already.`, mark)
  for (const [version, state] of states) {
    if (version.startsWith('R__') || state.type === 'pending' || ranNothing(state)) continue
    const { closed, open, total } = state.pass
    if (open > 0) {
      const next = `Run \`wwdb migrate --target ${name}\`, which finds out whether it ran, then check with \`wwdb status\`.`
      throw refused(target, `A statement of ${version} in \`${name}\` may have run.`, next)
    }
    const ran = state.type === 'applied' ? 'is applied' : `ran in part (${closed} of ${total} statements)`
    throw refused(target, `\`${name}\` has a journal already: ${version} ${ran}.`, mark)
  }
}

/** The last migration of the files at or below VERSION is recorded: a file that is added later below VERSION is pending, and runs. */
function decide(target: OpenTarget, version: string, emit: Emit): readonly JournalChangePlan[] {
  const covered = listCovered(target, version)
  const last = covered.at(-1)
  const { baseline, nextPass } = target.state
  if (last === undefined) return []
  const what = `baseline ${last.version}: ${covered.length} ${covered.length === 1 ? 'migration counts' : 'migrations count'} as applied`
  if (baseline !== null && compareVersions(baseline, last.version) === 0) {
    // A killed run has left its row open.
    const isOpen = target.snapshot.passes.some(({ kind, open }) => kind === 'baseline' && open > 0)
    return isOpen ? [{ what, apply: async (one) => void (await recoverTarget(one, emit)) }] : []
  }
  refuseUsed(target)
  return [
    {
      what,
      apply: ({ session }) =>
        recordPass(session, {
          pass: nextPass,
          version: last.version,
          name: 'baseline',
          kind: 'baseline',
          direction: 'up',
          checksum: '',
        }),
    },
  ]
}

/** A version that no file has is a typo, or covers files that are still to come. */
function refuseUnknown(open: OpenTargets, version: string): void {
  const versions = [...open.targets, ...open.unreached].flatMap(({ all }) =>
    all.flatMap((migration) => (migration.kind === 'repeatable' ? [] : [migration.version])),
  )
  if (versions.some((one) => compareVersions(one, version) === 0)) return
  const last = versions.toSorted(compareVersions).at(-1)
  throw new ToolError('BASELINE_REFUSED', {
    what: `No migration has the version ${version}.`,
    why: 'Files that are added with a lower version later would count as applied, and never run.',
    next: `Give a version that \`wwdb status\` lists${last === undefined ? '' : `; the last one is ${last}`}.`,
  })
}
