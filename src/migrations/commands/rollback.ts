import { defineCommand } from '../../command/define-command.ts'
import {
  allow,
  dryRun,
  errorBudget,
  failedOnly,
  killBlockers,
  noProbe,
  throttling,
  toVersion,
} from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { confirmRollback } from '../confirm-rollback.ts'
import { runTargets } from '../run-targets.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb rollback`: runs the down parts of the last migrations, newest first. */
export const command = defineCommand({
  name: 'rollback',
  group: 'Migrations',
  summary: 'revert the migrations applied last',
  purpose:
    'Runs the down parts of the migrations that were applied last, newest first. A migration without a down part ' +
    'stops the run before anything is reverted. Asks before it starts, because a down part usually removes data.',
  examples: [
    { command: 'wwdb rollback -t user_db', purpose: 'revert the last migration of one database' },
    {
      command: 'wwdb rollback --revert -t user_db',
      purpose: 'let Vitess take it back: rows that were written since stay',
    },
    { command: 'wwdb rollback --to 20260101000000 --dry-run', purpose: 'see what going back to a version would do' },
  ],
  flags: {
    'What to revert': {
      to: { ...toVersion, description: 'revert everything after this version, which stays applied' },
      steps: {
        value: 'NUMBER',
        type: 'integer',
        description: 'number of migrations, last applied first, over all databases',
        min: 1,
        otherwise: '1',
      },
      revert: {
        description: 'on a keyspace: let Vitess take the migrations back with `REVERT`, in place of their down parts',
      },
    },
    Safety: { dryRun, allow, noProbe },
    'Load of servers': { ...throttling, killBlockers },
    'Migrations that run on shards': { errorBudget, failedOnly },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  run(options, context) {
    return withTargets(context, { writable: options.dryRun !== true, plans: true, unreached: 'skip' }, (config, open) =>
      runTargets(context, config, open, {
        command: 'rollback',
        direction: 'down',
        to: options.to ?? null,
        steps: options.to === undefined ? (options.steps ?? 1) : null,
        dryRun: options.dryRun ?? false,
        revert: options.revert ?? false,
        allow: options.allow ?? [],
        killBlockers: options.killBlockers ?? false,
        probe: options.noProbe !== true && options.dryRun !== true,
        shards: shardSteps(context, config, { ...options, probe: options.noProbe !== true && options.dryRun !== true }),
        confirm: (plan) => confirmRollback(context, plan),
      }),
    )
  },
})
