import { defineCommand } from '../../command/define-command.ts'
import { dryRun, killBlockers, throttling } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { revertOnline } from '../../migrations/revert-online.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'

/** `wwdb online revert`: the table as it was before an online change gets its name back. */
export const command = defineCommand({
  name: 'online revert',
  group: 'Migrations',
  summary: 'take back an online change whose old table is kept',
  purpose:
    'Puts back the table as it was before an online change. Rows that were written since the change are copied to it first, by key, and triggers copy those that are ' +
    'written meanwhile. All rows are then compared: the two tables are swapped, under the guard, only if the same change would turn the old table into the current one. ' +
    'If rows do not fit, or if the definition was changed since, nothing is put back. The current table is kept under a hold name, and the migration is pending again. Asks before it starts.',
  examples: [
    { command: 'wwdb online revert orders', purpose: 'the newest online change of a table' },
    { command: 'wwdb online revert 20261129120000 --dry-run', purpose: 'see what would run, by the migration' },
  ],
  arguments: { what: { description: 'the table, or the version of the migration', required: true } },
  flags: { Safety: { dryRun }, 'Load of servers': { ...throttling, killBlockers } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run(options, context) {
    const isRehearsal = options.dryRun === true
    return withTargets(context, { writable: !isRehearsal, plans: true }, (config, open) =>
      revertOnline(context, config, open, {
        what: options.what,
        dryRun: isRehearsal,
        killBlockers: options.killBlockers ?? false,
        shards: shardSteps(context, config, { probe: false }),
      }),
    )
  },
})
