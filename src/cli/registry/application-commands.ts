import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'

const shardsCatalogue: CommandEntry = {
  name: 'shards catalogue',
  summary: 'what an application must know to find its shards',
  purpose:
    'Prints, as JSON, every family with its schema, its division, its naming pattern and the base of its ids. ' +
    '`wwdb/routing` and readers in other languages find the shard of a row by it. It reaches no server.',
  examples: [
    { command: 'wwdb shards catalogue > shards.json', purpose: 'a file to build into the application' },
    { command: 'wwdb shards catalogue --env production', purpose: 'with the schemas of an environment' },
  ],
  arguments: [],
  flags: [],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'at-once',
  connects: false,
}

const shardsPublish: CommandEntry = {
  name: 'shards publish',
  summary: 'the catalogue to Redis, for applications to watch',
  purpose:
    'Writes the catalogue of `wwdb shards catalogue`, with the periods that have a table, to Redis, and counts its changes ' +
    'in a number that applications poll. Does nothing where the same is there already, so it can follow every rotation.',
  examples: [
    { command: 'wwdb shards publish', purpose: 'to the Redis that WWDB_REDIS names' },
    { command: 'wwdb shards publish --key staging:shards', purpose: 'beside the catalogue of another environment' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'Where to',
      flags: [
        {
          long: 'redis',
          value: { name: 'URL', type: 'text' },
          description: 'the server; prefer the variable, as other users can see flags',
          environment: 'WWDB_REDIS',
        },
        {
          long: 'key',
          value: { name: 'KEY', type: 'text' },
          description: 'what the two keys begin with, in braces',
          default: 'the prefix of the configuration, and wwdb:shards',
        },
      ],
    },
  ],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.unreachable, exitCodes.configuration],
  interruption: 'at-once',
  connects: true,
}

/** What applications use, not administrators. */
export const applicationCommands: CommandGroup = {
  heading: 'For the application',
  commands: [shardsCatalogue, shardsPublish],
}
