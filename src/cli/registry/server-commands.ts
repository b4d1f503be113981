import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'

const codes = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const

const waitTimeout = {
  long: 'timeout',
  value: { name: 'DURATION', type: 'duration' },
  description: 'how long to wait in all, for example 30s or 5m',
  default: '60s',
} as const

const databaseCreate: CommandEntry = {
  name: 'db create',
  summary: 'create the schemas that do not exist yet',
  purpose:
    'Creates the schema of every database that has none, with utf8mb4. Existing ones are left alone, so it can be run at ' +
    'any time.',
  examples: [
    { command: 'wwdb db create', purpose: 'all that are missing' },
    { command: 'wwdb db create --prefix pr_123_', purpose: 'a set of its own for a pull request' },
  ],
  arguments: [],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: true,
}

const databaseDrop: CommandEntry = {
  name: 'db drop',
  summary: 'drop the schemas with all they hold',
  purpose:
    'Drops the schema of every database asked for, with its data and its journal. Wants the name typed, or given with ' +
    '--confirm; a protected environment wants --allow-protected as well.',
  examples: [
    { command: 'wwdb db drop -t user_db', purpose: 'one database, after typing its name' },
    { command: 'wwdb db drop -t user_db --confirm user_db', purpose: 'without a terminal' },
  ],
  arguments: [],
  flags: [{ heading: 'Safety', flags: [{ long: 'dry-run', description: 'say what would be dropped, drop nothing' }] }],
  exitCodes: [...codes, exitCodes.busy],
  interruption: 'at-once',
  connects: true,
}

const databaseWait: CommandEntry = {
  name: 'db wait',
  summary: 'wait until every server answers',
  purpose: 'Tries to connect until every server answers a query, or the time is up. For scripts that start a server.',
  examples: [
    { command: 'wwdb db wait', purpose: 'at most a minute' },
    { command: 'wwdb db wait --timeout 5m && wwdb migrate', purpose: 'in a start-up script' },
  ],
  arguments: [],
  flags: [{ heading: 'How long', flags: [waitTimeout] }],
  exitCodes: codes,
  interruption: 'at-once',
  connects: true,
}

const databasePing: CommandEntry = {
  name: 'db ping',
  summary: 'try to connect to every server once',
  purpose: 'Connects to every server once and says which version answered, or why none did.',
  examples: [
    { command: 'wwdb db ping', purpose: 'all servers' },
    { command: 'wwdb db ping -t user_db --json', purpose: 'one, for a program' },
  ],
  arguments: [],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: true,
}

const sandboxUp: CommandEntry = {
  name: 'sandbox up',
  summary: 'start a local MySQL',
  purpose:
    'Starts a MySQL server for development and tests, in this order of preference: a server whose URL is given, Docker, a ' +
    'mysqld of version 8 or later on PATH, a portable one that is downloaded once. It listens on this machine only and ' +
    'keeps its data between starts.',
  examples: [
    { command: 'wwdb sandbox up', purpose: 'start it, or find it running' },
    { command: 'wwdb sandbox up --with redis,mongodb', purpose: 'with two of the stores beside MySQL' },
    { command: 'eval "$(wwdb sandbox env)"', purpose: 'then use it from this shell' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'Server',
      flags: [
        {
          long: 'port',
          value: { name: 'PORT', type: 'integer' },
          description: 'where it listens',
          default: 'sandbox.port of the configuration, else 13306',
        },
        {
          long: 'provider',
          value: { name: 'WAY', type: 'text' },
          description: 'obtain it in this way only',
          choices: ['docker', 'installed', 'portable'],
        },
      ],
    },
    {
      heading: 'Stores',
      flags: [
        {
          long: 'with',
          value: { name: 'STORE', type: 'text' },
          description:
            'this store as well: a program on PATH, a portable one (Redis, MongoDB) or Docker (InfluxDB, Elasticsearch); may be repeated',
          choices: ['elasticsearch', 'influxdb', 'mongodb', 'redis'],
          repeatable: true,
        },
      ],
    },
  ],
  exitCodes: codes,
  interruption: 'after-statement',
  connects: false,
}

const sandboxDown: CommandEntry = {
  name: 'sandbox down',
  summary: 'stop the local MySQL',
  purpose: 'Stops the server that `sandbox up` started. Its data stays unless --remove is given.',
  examples: [
    { command: 'wwdb sandbox down', purpose: 'stop it, keep the data' },
    { command: 'wwdb sandbox down --remove --yes', purpose: 'stop it and remove the data' },
  ],
  arguments: [],
  flags: [{ heading: 'Data', flags: [{ long: 'remove', description: 'remove the data as well' }] }],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'after-statement',
  connects: false,
}

const sandboxStatus: CommandEntry = {
  name: 'sandbox status',
  summary: 'whether the local MySQL runs, and how it was found',
  purpose: 'Shows whether the sandbox runs, which server it is, where its data lies and how to reach it.',
  examples: [
    { command: 'wwdb sandbox status', purpose: 'for a person' },
    { command: 'wwdb sandbox status --json', purpose: 'for a program' },
  ],
  arguments: [],
  flags: [],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'at-once',
  connects: false,
}

const sandboxEnvironment: CommandEntry = {
  name: 'sandbox env',
  summary: 'the environment lines that point at the local MySQL',
  purpose: 'Prints lines for a shell that make wwdb, and anything else that reads WWDB_URL, use the sandbox.',
  examples: [
    { command: 'eval "$(wwdb sandbox env)"', purpose: 'in this shell' },
    { command: 'wwdb sandbox env > .env.local', purpose: 'keep them in a file' },
  ],
  arguments: [],
  flags: [],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'at-once',
  connects: false,
}

/** Whole schemas and the servers that hold them. */
export const databaseCommands: CommandGroup = {
  heading: 'Databases and servers',
  commands: [databaseCreate, databaseDrop, databaseWait, databasePing],
}

/** The local server. */
export const sandboxCommands: CommandGroup = {
  heading: 'Sandbox',
  commands: [sandboxUp, sandboxDown, sandboxStatus, sandboxEnvironment],
}
