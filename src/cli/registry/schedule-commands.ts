import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'

const codes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration] as const

const next: CommandEntry = {
  name: 'schedule next',
  summary: 'when rotation runs next',
  purpose:
    "Prints the next times of the configuration's schedule, in UTC and in the schedule's zone. It reaches no server and " +
    'does not know whether anything obeys the schedule.',
  examples: [
    { command: 'wwdb schedule next', purpose: 'the next five' },
    { command: 'wwdb schedule next --count 50 --json', purpose: 'more of them, for a program' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to show',
      flags: [
        {
          long: 'count',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'how many, up to 1000',
          default: '5',
        },
      ],
    },
  ],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const render: CommandEntry = {
  name: 'schedule render',
  summary: 'the schedule for cron, systemd or Kubernetes',
  purpose:
    "Prints the configuration's schedule as lines of a crontab, as a service with its timer, or as a CronJob that start " +
    '`wwdb rotate run`, with absolute paths. The variables that the configuration reads are named, and where one is missing ' +
    'there, nothing is started: a default might mean another server. It installs nothing.',
  examples: [
    { command: 'wwdb schedule render --as crontab | crontab -', purpose: 'the only lines of a crontab' },
    { command: 'wwdb schedule render --as kubernetes --image registry.example/app:1', purpose: 'a CronJob' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to print',
      flags: [
        {
          long: 'as',
          value: { name: 'FORMAT', type: 'text' },
          description: 'for which scheduler; it must be given',
          choices: ['crontab', 'systemd', 'kubernetes'],
        },
        {
          long: 'command',
          value: { name: 'TEXT', type: 'text' },
          description: 'how wwdb is started there, for example "npx wwdb"',
          default: 'this program by its absolute path; wwdb in an image',
        },
        {
          long: 'image',
          value: { name: 'IMAGE', type: 'text' },
          description: 'the image with wwdb and the project in it; Kubernetes needs one',
        },
        {
          long: 'variables',
          value: { name: 'FILE', type: 'file' },
          description: 'absolute path of the file with the variables that the configuration reads, and its secrets',
          default: '/etc/wwdb/NAME.env',
        },
        {
          long: 'name',
          value: { name: 'NAME', type: 'text' },
          description: 'what the units or the job are called',
          default: 'wwdb-rotate',
        },
      ],
    },
  ],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const run: CommandEntry = {
  name: 'schedule run',
  summary: 'rotate by the schedule until stopped',
  purpose:
    'Stays and does what `wwdb rotate run` does: at once, and then whenever the schedule says, one at a time. A time that ' +
    'was missed is made up for once. A rotation that fails is told and does not end it; SIGTERM or Ctrl-C does, after ' +
    'the statement under way.',
  examples: [
    { command: 'wwdb schedule run', purpose: 'in a container that stays' },
    { command: 'wwdb schedule run --health /tmp/wwdb.json --json', purpose: 'with a health file and a log of events' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'How to run',
      flags: [
        {
          long: 'jitter',
          value: { name: 'DURATION', type: 'duration' },
          description: 'begin up to so much later, at random, so that several do not begin at once; 0 for none',
          default: '30s',
        },
        {
          long: 'health',
          value: { name: 'FILE', type: 'file' },
          description: 'write how it goes there, and a mark of life every 15 seconds',
        },
      ],
    },
  ],
  exitCodes: [...codes, exitCodes.unreachable],
  interruption: 'after-statement',
  connects: true,
}

/** When rotation runs, and what starts it. */
export const scheduleCommands: CommandGroup = { heading: 'Schedules', commands: [run, next, render] }
