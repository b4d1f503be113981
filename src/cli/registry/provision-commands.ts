import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagEntry } from './entry.ts'

const codes = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const

const owner: FlagEntry = {
  long: 'owner',
  value: { name: 'NAME', type: 'text' },
  description: 'whose set it is',
  default: 'user@host',
}

const setFlags: readonly FlagEntry[] = [
  {
    long: 'name',
    value: { name: 'NAME', type: 'text' },
    description: 'what the set is called: its schemas are wwdb_NAME_DATABASE',
    default: 'a new one',
  },
  {
    long: 'expires',
    value: { name: 'DURATION', type: 'duration' },
    description: 'when gc may drop it, for example 2h; none keeps it until somebody drops it',
    default: '24h',
  },
  owner,
  {
    long: 'with',
    value: { name: 'STORE', type: 'text' },
    description: 'also a store beside MySQL, with what is declared for it under the prefix; may be repeated',
    choices: ['elasticsearch', 'influxdb', 'mongodb', 'redis'],
    repeatable: true,
  },
  { long: 'fresh', description: 'make it from the definitions, without the template that sets are cloned from' },
]

const up: CommandEntry = {
  name: 'provision up',
  summary: 'a complete set of databases for tests',
  purpose:
    'Makes a schema for every database under a prefix of its own, migrated, seeded, with the shards of the present, and prints the ' +
    'variables that make programs use them. It is cloned from a template that is kept on the server for as long as no definition ' +
    'changes. Only schemas that it makes itself ever belong to a set.',
  examples: [
    {
      command: 'wwdb provision up --name pr_123 > .env.test',
      purpose: 'a set, and a file for dotenv or docker --env-file',
    },
    { command: 'wwdb provision up --as github >> "$GITHUB_ENV"', purpose: 'for the steps that follow in a GitHub job' },
  ],
  arguments: [],
  flags: [
    { heading: 'The set', flags: setFlags },
    {
      heading: 'The variables',
      flags: [
        {
          long: 'as',
          value: { name: 'FORM', type: 'text' },
          description: 'lines of a file, a JSON object, or lines for $GITHUB_ENV',
          default: 'env',
          choices: ['env', 'json', 'github'],
        },
        {
          long: 'out',
          value: { name: 'FILE', type: 'file' },
          description: 'write them there, passwords included, for this user alone; what is printed has none',
        },
      ],
    },
  ],
  exitCodes: [...codes, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
  stores: true,
}

const down: CommandEntry = {
  name: 'provision down',
  summary: 'drop a set',
  purpose:
    'Drops a set that the registry of the server has, with all that is in its schemas. A name that is not there, and a set of ' +
    'another owner, is refused.',
  examples: [
    { command: 'wwdb provision down pr_123', purpose: 'one of your own' },
    { command: 'wwdb provision down pr_123 --owner ci@runner-7', purpose: "another's, knowingly" },
  ],
  arguments: [{ name: 'name', description: 'of the set', required: true }],
  flags: [{ heading: 'The set', flags: [owner] }],
  exitCodes: [...codes, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
  stores: true,
}

const list: CommandEntry = {
  name: 'provision list',
  summary: 'the sets there are on the server',
  purpose:
    'Shows every set with its owner, its age and its end, and the templates that sets are cloned from. Writes nothing.',
  examples: [
    { command: 'wwdb provision list', purpose: 'for a person' },
    { command: 'wwdb provision list --json', purpose: 'for a program' },
  ],
  arguments: [],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: true,
}

const gc: CommandEntry = {
  name: 'provision gc',
  summary: 'drop the sets that nobody needs',
  purpose:
    'Drops sets that have expired, those that a killed run left behind, and templates that nobody has used for a day. With an ' +
    'age, also every set and template older than that. What a running process makes or uses is left alone.',
  examples: [
    { command: 'wwdb provision gc', purpose: 'from cron' },
    { command: 'wwdb provision gc --older-than 2h --dry-run', purpose: 'what would go' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What goes',
      flags: [
        {
          long: 'older-than',
          value: { name: 'DURATION', type: 'duration' },
          description: 'also what is older than this, whatever its end; 0 is everything that nobody uses',
        },
        { long: 'dry-run', description: 'say what would be dropped, drop nothing' },
      ],
    },
  ],
  exitCodes: codes,
  interruption: 'after-statement',
  connects: true,
  stores: true,
}

const exec: CommandEntry = {
  name: 'provision exec',
  summary: 'run a program with a set of its own',
  purpose:
    'Makes a set, runs a program with its variables in the environment, and drops it again, however the program ends. The exit ' +
    "code is the program's; signals are passed on to it.",
  examples: [
    { command: 'wwdb provision exec -- npm test', purpose: 'the tests of a service' },
    { command: 'wwdb provision exec --name try -- mysql', purpose: 'look around in a fresh set' },
  ],
  arguments: [{ name: 'command', description: 'the program and its words, behind --', required: true, variadic: true }],
  flags: [{ heading: 'The set', flags: setFlags }],
  exitCodes: [...codes, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
  stores: true,
}

/** Sets of databases for tests. */
export const provisionCommands: CommandGroup = {
  heading: 'Databases for tests',
  commands: [up, down, list, gc, exec],
}
