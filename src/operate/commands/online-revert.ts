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
    'Gives the table as it was before an online change its name back. Rows that were written since are carried to it first, by key, and triggers carry those that are ' +
    'written meanwhile; a comparison of all rows proves that the same change would make of it what the table is now, and only then are the two swapped, under the guard. ' +
    'Where rows do not fit, or the definition was changed since, nothing is put back. The table as it is now is kept under a hold name, and the migration is pending then. Asks before it starts.',
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
