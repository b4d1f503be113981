import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'

const codes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration] as const

const init: CommandEntry = {
  name: 'init',
  summary: 'write a first configuration and the folders it names',
  purpose:
    'Writes wwdb.config.json and one migrations folder a database into the present directory. Nothing that exists is ' +
    'overwritten.',
  examples: [
    { command: 'wwdb init app', purpose: 'a project with one database' },
    { command: 'wwdb init user_db message_db', purpose: 'a project with two' },
  ],
  arguments: [{ name: 'databases', description: 'the logical databases', required: false, variadic: true }],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const newMigration: CommandEntry = {
  name: 'new',
  summary: 'write an empty migration file',
  purpose:
    'Writes a migration file with an up and a down part, named by the present UTC time so that it sorts after every other. ' +
    'Needs --target when there are several databases.',
  examples: [
    { command: 'wwdb new add_user_locale -t user_db', purpose: 'an SQL migration' },
    { command: 'wwdb new user_summary -t user_db --repeatable', purpose: 'a view that re-runs when its text changes' },
  ],
  arguments: [{ name: 'name', description: 'what it does, in lower case with underscores', required: true }],
  flags: [
    {
      heading: 'What to write',
      flags: [
        { long: 'repeatable', description: 'run again whenever the text changes; for views and routines' },
        {
          long: 'type',
          value: { name: 'TYPE', type: 'text' },
          description: 'sql, or ts for a data migration in one transaction',
          default: 'sql',
          choices: ['sql', 'ts'],
        },
        { long: 'sequence', description: 'number it instead of using the time' },
      ],
    },
  ],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const configShow: CommandEntry = {
  name: 'config show',
  summary: 'every setting and where it came from',
  purpose:
    'Shows the configuration as it holds now, and for every value whether a flag, the environment, the file or a default ' +
    'set it. Secrets are shown as ***.',
  examples: [
    { command: 'wwdb config show', purpose: 'what holds here' },
    { command: 'wwdb config show --env production --json', purpose: 'what would hold there, for a program' },
  ],
  arguments: [],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const configValidate: CommandEntry = {
  name: 'config validate',
  summary: 'check the configuration',
  purpose:
    'Reads the configuration and names every fault in it, with its path and the key that was probably meant; then those of ' +
    'the shard templates. Where rotation has a schedule, it names the families whose shards would run out before a run that ' +
    'fails is noticed and mended.',
  examples: [
    { command: 'wwdb config validate', purpose: 'the file found from here' },
    { command: 'wwdb config validate -c deploy/wwdb.config.json', purpose: 'another one' },
  ],
  arguments: [],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: true,
}

const configSchema: CommandEntry = {
  name: 'config schema',
  summary: 'the JSON Schema of the configuration file',
  purpose: 'Prints the JSON Schema that editors use to complete and check wwdb.config.json.',
  examples: [
    { command: 'wwdb config schema > wwdb.schema.json', purpose: 'keep it beside the configuration' },
    { command: 'wwdb config schema | less', purpose: 'look up a setting' },
  ],
  arguments: [],
  flags: [],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage],
  interruption: 'at-once',
  connects: false,
}

/** Files of a project. */
export const projectCommands: CommandGroup = {
  heading: 'Project',
  commands: [init, newMigration, configShow, configValidate, configSchema],
}
