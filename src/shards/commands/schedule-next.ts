import { wallOf } from '../../calendar/zone.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { nextRuns, requireSchedule } from '../schedule/run-schedule.ts'

/** `wwdb schedule next`: shows when rotation runs next, in UTC and in the schedule's zone. */
export const command = defineCommand({
  name: 'schedule next',
  group: 'Sharded tables',
  summary: 'when rotation runs next',
  purpose:
    'Prints the next times of the configured schedule, in UTC and in the time zone of the schedule. It does not ' +
    'connect to a server and does not know whether anything runs by the schedule.',
  examples: [
    { command: 'wwdb schedule next', purpose: 'the next five' },
    { command: 'wwdb schedule next --limit 50 --json', purpose: 'more of them, for a program' },
  ],
  flags: {
    'What to show': {
      limit: {
        value: 'NUMBER',
        type: 'integer',
        description: 'number of times, up to 1000',
        min: 1,
        max: 1000,
        default: 5,
      },
    },
  },
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run({ limit }, context) {
    const { schedule } = requireSchedule(await context.config())
    const now = context.now()
    const runs = nextRuns(schedule, now, limit).map((instant) => ({
      at: new Date(instant).toISOString(),
      local: new Date(wallOf(instant, schedule.zone))
        .toISOString()
        .slice(0, 'YYYY-MM-DDTHH:MM'.length)
        .replace('T', ' '),
    }))
    const { expression, zone } = schedule
    return {
      result: { kind: 'schedule', schedule: expression, zone, now: new Date(now).toISOString(), runs },
      exitCode: exitCodes.done,
    }
  },
})
