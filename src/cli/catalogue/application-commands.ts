import { exitCodes } from '../../domain/exit-code.ts'
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

/** What applications use, not administrators. */
export const applicationCommands: CommandGroup = { heading: 'For the application', commands: [shardsCatalogue] }
