import { defineCommand } from '../../command/define-command.ts'
import { families } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { readInstant } from '../../core/instant.ts'
import { answerRotationPlan } from '../rotation/rotate.ts'

/** `wwdb rotate plan`: what a rotation would do now, or at another time. Writes nothing, takes no lock. */
export const command = defineCommand({
  name: 'rotate plan',
  group: 'Sharded tables',
  summary: 'what a rotation would do, now or at another time',
  purpose:
    'Plans a rotation from the tables on the servers and the policies, and shows every table that would be ' +
    'created and every step of every shard, with the reason. Writes nothing and takes no lock. With `--now` it ' +
    'plans for another time, without comparing clocks.',
  examples: [
    { command: 'wwdb rotate plan', purpose: 'what the next run will do' },
    { command: 'wwdb rotate plan --now 2027-03-01', purpose: 'what it would do on that day, given the current tables' },
    { command: 'wwdb rotate plan --family messages --json', purpose: 'one family, for a program' },
  ],
  flags: {
    'What to plan': {
      family: { ...families, description: 'only this family and those that it references; may be repeated' },
      ahead: {
        value: 'NUMBER',
        type: 'integer',
        description: 'have at least this number of periods ready after the current one, even if the policy has fewer',
        min: 0,
        max: 1000,
      },
      now: {
        value: 'TIME',
        description: 'the time to plan for, in UTC unless it has an offset: 2027-03-01, 2027-03-01T12:00+08:00',
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  run(options, context) {
    const at = options.now === undefined ? null : readInstant('--now', options.now)
    return answerRotationPlan(context, { families: options.family ?? [], ahead: options.ahead ?? 0, at })
  },
})
