import { defineCommand } from '../../command/define-command.ts'
import { dryRun, throttling } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { runRetired } from '../run-retired.ts'

/** `wwdb retire run`: drops what is retired and unused. */
export const command = defineCommand({
  name: 'retire run',
  group: 'Migrations',
  summary: 'drop what is retired, where nothing has used it until its grace ended',
  purpose:
    'Looks at each table, column and index that a statement with `-- wwdb:retire` has hidden: statements and counters of performance_schema on the primary, on every replica of `throttle.replicas` and every member of their groups ' +
    'since then, and stored code. What nothing has used until its grace ended is dropped, under the lock, and `wwdb_retired` records what was looked at. What is used stays, with who used it and when, and its grace begins again. ' +
    'A server that was not looked at, or that counts from later on because it was restarted or its counters were reset, proves nothing. Meant for cron.',
  examples: [
    { command: 'wwdb retire run', purpose: 'what cron runs every day' },
    { command: 'wwdb retire run --dry-run', purpose: 'see what it would drop, write nothing' },
    {
      command: 'wwdb retire run --only users.nick --anyway --confirm users.nick',
      purpose: 'drop one although nothing proves that it is unused',
    },
  ],
  flags: {
    'What to drop': {
      only: {
        value: 'NAME',
        description: 'only this table, column or index (`users`, `users.nick`); may be repeated',
        repeatable: true,
      },
      anyway: { description: 'with --only: drop it although nothing proves that it is unused; each is asked about' },
    },
    Safety: { dryRun },
    'Load of servers': throttling,
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run({ only = [], anyway = false, dryRun: isRehearsal = false }, context) {
    if (anyway && only.length === 0)
      throw new ToolError('USAGE', {
        what: '`--anyway` does not say what to drop.',
        next: 'Name it: `--only users.nick --anyway`.',
      })
    const access = { writable: !isRehearsal, unreached: 'skip', missing: 'list' } as const
    return withTargets(context, access, (config, open) =>
      runRetired(context, config, open, {
        ...{ only, anyway, isRehearsal },
        shards: shardSteps(context, config, { probe: false }),
      }),
    )
  },
})
