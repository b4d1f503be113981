import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { allow, dryRun, fresh, noProbe } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { answerDrifts, unevenOf } from '../drift/compare-with-records.ts'
import { type FoundDrift, findDrifts } from '../drift/find-drift.ts'
import { renameFlags } from '../drift/rename-flags.ts'
import { countDiffering } from '../drift.ts'
import { refuseUneven } from '../uneven-schema.ts'

/** `wwdb drift`: finds changes of the databases by other means than their migrations, and offers the three answers to them. */
export const command = defineCommand({
  name: 'drift',
  group: 'Migrations',
  summary: 'find changes made to the databases by hand',
  purpose:
    'Compares the databases with the state recorded after the last run of wwdb: columns, indexes, keys, views, ' +
    'routines, triggers and events that were added, changed or removed outside of migrations, and the VSchema of a keyspace of Vitess. Each difference has ' +
    'three answers: revert it (`--revert`), keep it as a migration that counts as applied (`--accept`), or ignore ' +
    'it for a time (`drift.ignore` in the configuration). Changes of a run in progress, shards, and tables of ' +
    'wwdb and of online schema change tools are not drift; grants, accounts, AUTO_INCREMENT, histograms, rows, ' +
    'and the client character set and database collation that a view or a routine was created with are not compared. A table with rows ' +
    'that no migration created is never dropped: `--revert` asks about it by name, and renames it. Exit code 1 if ' +
    'there are differences.',
  examples: [
    { command: 'wwdb drift', purpose: 'from monitoring, or before a deployment' },
    {
      command: 'wwdb drift -t user_db --sql',
      purpose: 'the statements that take the changes back, for the mysql client',
    },
    { command: 'wwdb drift --revert --only users', purpose: 'revert the changes of one table' },
    {
      command: 'wwdb drift --accept add_note',
      purpose: 'keep the changes: a migration with up and down, recorded as applied',
    },
  ],
  flags: {
    'What to compare': {
      replay: {
        description:
          'compare with the result of the applied migrations in scratch schemas, not with the recorded state',
      },
      fresh: { ...fresh, description: `with --replay, ${fresh.description}` },
      only: { value: 'NAME', description: 'only the object with this name; may be repeated', repeatable: true },
      ...renameFlags,
    },
    'What to print': {
      sql: { description: 'only the statements that take the changes back, for the mysql client' },
      metrics: {
        value: 'FILE',
        type: 'file',
        description: "write metrics for node_exporter's textfile collector to this file, atomically",
        minLength: 1,
      },
    },
    'What to do about it': {
      revert: {
        description: 'revert the changes, with a plan that needs approval like any other',
        conflicts: ['accept', 'sql'],
      },
      accept: {
        value: 'NAME',
        description: 'write the changes as a migration with this name, and record it as applied',
        conflicts: ['revert', 'sql'],
      },
    },
    Safety: { dryRun, allow, noProbe },
  },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const {
      replay = false,
      fresh: isFresh = false,
      only = [],
      revert = false,
      accept,
      dryRun = false,
      allow = [],
      rename = [],
      notRenamed = [],
    } = options
    const said = { rename, notRenamed }
    const answers = revert || accept !== undefined
    if (accept !== undefined && !dryRun) await (await import('../write/save-migration.ts')).finishSaved(context, accept)
    const access = { writable: answers && !dryRun, unreached: 'skip', missing: 'list' } as const
    return withTargets(context, access, async (config, opened) => {
      const settles = accept !== undefined && !dryRun
      const open = settles ? await (await accepting()).settleFirst(context, config, opened) : opened
      const { found, unreached } = await findDrifts(context, config, open, { replay, isFresh, only })
      const differences = found.reduce((sum, one) => sum + one.differences.length, 0)
      if (options.metrics !== undefined) await publishDrift(context, options.metrics, found)
      if (revert || accept !== undefined || options.sql) refuseUneven(unevenOf(found))
      if (revert) {
        const probe = options.noProbe !== true && !dryRun
        const { revertDrift } = await import('../drift/revert-drift.ts')
        return revertDrift(context, config, open, found, { dryRun, allow, probe, said })
      }
      if (accept !== undefined)
        return (await accepting()).acceptDrift(context, config, open, found, { name: accept, dryRun, said })
      const exitCode = exitCodeWith(differences > 0 ? exitCodes.findings : exitCodes.done, unreached.length > 0)
      if (options.sql) {
        const { warnOfUnreached } = await import('../sources/sources.ts')
        warnOfUnreached(context, unreached)
        const content = await (await import('../drift/revert-drift.ts')).printReverts(context, config, found, said)
        return { result: { kind: 'document', format: 'text', content }, exitCode }
      }
      return answerDrifts(context, config, { found, unreached }, { to: replay ? 'applied' : 'recorded', said })
    })
  },
})

/** What most runs do not need is loaded on demand: drift may run every minute, and usually finds nothing. */
const accepting = () => import('../drift/accept-drift.ts')

async function publishDrift({ process, now }: Context, file: string, found: readonly FoundDrift[]): Promise<void> {
  const objects = found.map((one) => ({ database: one.target.database.name, objects: countDiffering(one) }))
  const { renderDriftMetrics } = await import('../../shards/metrics.ts')
  await process.publishMetrics(file, renderDriftMetrics({ drift: objects }, now()))
}
