import { defineCommand } from '../../command/define-command.ts'
import { dryRun, families, throttling } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { retiringIn } from '../../retire/run-retired.ts'
import { shardSteps } from '../fan-out/shard-steps.ts'
import { answerRotationPlan, rotate } from '../rotation/rotate.ts'

/** `wwdb rotate run`: creates what is needed ahead and what is missing, then retires what the policies say. */
export const command = defineCommand({
  name: 'rotate run',
  group: 'Sharded tables',
  summary: 'create the shards that are needed, retire shards as the policies say',
  purpose:
    'For every family: creates the tables of the current period, of the periods ahead, of holes in the past, and ' +
    'of every instance that has none; then retires expired shards, one step per run: sealed, put on hold under ' +
    'another name, archived, dropped after a grace period. Creation comes first, for all families, and the ' +
    'failure of one family does not stop the others. Meant for cron: safe to repeat, and to run several times at ' +
    'once. Never retires the current, a future or the last shard, never more than the cap, and nothing at all ' +
    'while clocks disagree. Exit code 1 if rows of a shard were lost because its table was dropped outside of ' +
    'wwdb, until a person acknowledges it. In the databases of its families it also drops what migrations with ' +
    '`-- wwdb:retire` have hidden and nothing has used, as `wwdb retire run` does, unless `--family` is given.',
  examples: [
    { command: 'wwdb rotate run', purpose: 'what cron runs every hour' },
    { command: 'wwdb rotate run --dry-run', purpose: 'see what it would do, write nothing' },
    { command: 'wwdb rotate run --family messages --ahead 12', purpose: 'a year of months for one family' },
    { command: 'wwdb rotate run --yes', purpose: "also where more than a family's share would be put on hold" },
  ],
  flags: {
    'What to rotate': {
      family: { ...families, description: 'only this family and those that it references; may be repeated' },
      ahead: {
        value: 'NUMBER',
        type: 'integer',
        description: 'have at least this number of periods ready after the current one, even if the policy has fewer',
        min: 0,
        max: 1000,
      },
      dryRun,
      trustClock: {
        description:
          'confirm that the time is correct after a long pause or after a clock was set back; for a person, not for cron',
      },
    },
    'Load of servers': throttling,
  },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  run(options, context) {
    const rotation = {
      families: options.family ?? [],
      ahead: options.ahead ?? 0,
      at: null,
      trustClock: options.trustClock === true,
    }
    if (options.dryRun === true) return answerRotationPlan(context, rotation)
    // Who names families wants these alone.
    return rotate(
      context,
      rotation,
      rotation.families.length === 0
        ? retiringIn(context, (config) => shardSteps(context, config, { probe: false }))
        : undefined,
    )
  },
})
