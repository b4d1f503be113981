import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'

const check: CommandEntry = {
  name: 'template check',
  summary: 'make each shard template in a scratch schema and compare',
  purpose:
    'Makes two shards of every family in a scratch schema of its server, those they refer to with them, and compares what ' +
    'the server made with what the template says: names, columns, their types, indexes and options. Names what the server ' +
    'changed, and shards of one family that would differ from each other. Where shards are there already, it also proves that ' +
    'they and the migrations still to come on them make what the template says. The scratch schema is dropped; no schema of ' +
    'yours is written to.',
  examples: [
    { command: 'wwdb template check', purpose: 'every family' },
    { command: 'wwdb template check --family messages', purpose: 'one of them' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to check',
      flags: [
        {
          long: 'family',
          value: { name: 'FAMILY', type: 'text' },
          description: 'only this family; may be repeated',
          default: 'all',
          repeatable: true,
        },
      ],
    },
  ],
  exitCodes: [
    exitCodes.done,
    exitCodes.findings,
    exitCodes.failed,
    exitCodes.usage,
    exitCodes.unreachable,
    exitCodes.configuration,
  ],
  interruption: 'at-once',
  connects: true,
}

const render: CommandEntry = {
  name: 'template render',
  summary: 'the SQL of one shard',
  purpose:
    'Prints the CREATE TABLE that makes one shard of a family, as rotation would send it, for the mysql client or for review. ' +
    'Needs no server.',
  examples: [
    { command: 'wwdb template render --family messages --period 2026-12', purpose: 'the messages of December' },
    {
      command: 'wwdb template render --family group_members --key 42 --with-siblings | mysql contact_db',
      purpose: 'the shards of instance 42, in the order in which they must be made',
    },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to render',
      flags: [
        {
          long: 'family',
          value: { name: 'FAMILY', type: 'text' },
          description: 'the family',
          default: 'the only one, where there is one',
        },
        {
          long: 'period',
          value: { name: 'PERIOD', type: 'text' },
          description: 'the period: 2026-12-01, 2026-W49, 2026-12, 2026-Q4 or 2026',
          default: 'the present one',
          conflicts: ['key'],
        },
        { long: 'key', value: { name: 'KEY', type: 'text' }, description: 'the key, in decimal' },
        { long: 'with-siblings', description: 'the shards that it refers to, too, in front of it' },
      ],
    },
  ],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'at-once',
  connects: false,
}

/** What shards are made from. */
export const templateCommands: CommandGroup = { heading: 'Shard templates', commands: [check, render] }
