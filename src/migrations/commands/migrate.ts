import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import {
  allow,
  drift,
  dryRun,
  errorBudget,
  failedOnly,
  killBlockers,
  noProbe,
  outOfOrder,
  steps,
  throttling,
  toVersion,
  trial,
} from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { chooseMany } from '../many/choose-many.ts'
import type { ManyDatabase } from '../many/judge-list.ts'
import type { ManyOptions } from '../many/migrate-many.ts'
import { type MakeShardSteps, migrate } from '../migrate.ts'

/** `wwdb migrate`: brings every database to the state of its files, or exactly to that of a plan file. */
export const command = defineCommand({
  name: 'migrate',
  group: 'Migrations',
  summary: 'apply what is pending',
  purpose:
    'Brings every database to the state of its migration files. Databases that do not depend on each other run side ' +
    'by side. Each statement is recorded in the journal before it runs and closed afterwards, so after a killed ' +
    'run, run the command again: it continues at the statement where it stopped. Statements that remove data or block others stop the ' +
    'run until they are allowed.',
  examples: [
    { command: 'wwdb migrate', purpose: 'apply everything that is pending' },
    { command: 'wwdb migrate --dry-run', purpose: 'see what would run' },
    { command: 'wwdb migrate -t user_db --to 20260301000000', purpose: 'one database, up to a version' },
  ],
  flags: {
    'What to apply': {
      to: toVersion,
      steps,
      plan: {
        value: 'FILE',
        type: 'file',
        description: 'exactly the plan that `wwdb plan --out` wrote; refused if its inputs have changed',
        conflicts: ['to', 'steps'],
      },
      outOfOrder,
    },
    Safety: { dryRun, allow, drift, noProbe, trial },
    'Load of servers': { ...throttling, killBlockers },
    'Many shards or targets': { errorBudget, failedOnly },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  manyTargets: true,
  vtgate: true,
  async run(options, context) {
    const many = chooseMany(await context.config(), context.targets, 'migrate')
    const given = { ...options, probe: options.noProbe !== true }
    if (many !== null) return migrateTargets(context, many, options)
    return migrate(context, given, (inside, config, { probe }) => shardSteps(inside, config, { ...options, probe }))
  },
})

/** The targets of a database that has many. */
async function migrateTargets(
  context: Context,
  many: ManyDatabase,
  options: ManyOptions & { readonly noProbe?: boolean | undefined },
): Promise<CommandResult> {
  const { migrateMany, refuseOfOne } = await import('../many/migrate-many.ts')
  refuseOfOne(options.plan, many, '--plan')
  // `guard.kill.most` bounds one run: it must not become as many for each of ten thousand targets.
  refuseOfOne(options.killBlockers, many, '--kill-blockers')
  // Of each target all shards are worked on: the flags are about targets.
  const makeShardSteps: MakeShardSteps = (inside, config, { probe }) => shardSteps(inside, config, { probe })
  if (options.dryRun === true) {
    const { surveyTargets } = await import('../many/survey.ts')
    // As of one database: a dry run tries nothing in scratch schemas.
    const planning = { probe: false, makeShardSteps }
    return surveyTargets(context, many, { ...options, command: 'migrate --dry-run', planning })
  }
  return migrateMany(context, many, { ...options, probe: options.noProbe !== true }, makeShardSteps)
}
