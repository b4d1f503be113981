import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { undoRetired } from '../undo-retired.ts'

/** `wwdb retire undo`: puts back what is retired. */
export const command = defineCommand({
  name: 'retire undo',
  group: 'Migrations',
  summary: 'put back a table, a column or an index that is retired',
  purpose:
    'Makes a retired column or index visible again, or gives a table its name back, with its rows. This is a rollback of the migration that retired it, in which what is only hidden is not created again: ' +
    'the migration is pending then. Asks before it starts.',
  examples: [
    { command: 'wwdb retire undo users.nick', purpose: 'a column, or an index' },
    { command: 'wwdb retire undo old_orders --dry-run', purpose: 'see what would run' },
  ],
  arguments: { what: { description: 'TABLE, TABLE.COLUMN or TABLE.INDEX, as `retire list` shows it', required: true } },
  flags: { Safety: { dryRun } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run({ what, dryRun: isRehearsal = false }, context) {
    return withTargets(context, { writable: !isRehearsal, plans: true }, (config, open) =>
      undoRetired(context, config, open, {
        what,
        dryRun: isRehearsal,
        shards: shardSteps(context, config, { probe: false }),
      }),
    )
  },
})
