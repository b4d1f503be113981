import { exitCodes } from '../../domain/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagEntry } from './entry.ts'

const looks = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const

const only: FlagEntry = {
  long: 'only',
  value: { name: 'NAME', type: 'text' },
  description: 'only this file, without its ending, or this table; may be repeated',
  default: 'all',
  repeatable: true,
}

const prune: FlagEntry = {
  long: 'prune',
  description: 'remove rows that the tool inserted and that left the files; shows what hangs on them, and asks',
}

const seed: CommandEntry = {
  name: 'seed',
  summary: 'bring reference data to the state of its files',
  purpose:
    'Inserts rows of seeds/ that are missing and updates those that differ; all others, and rows that people added, stay as ' +
    'they are. Rows are found by natural key, so their ids never change, and a run with nothing to do writes nothing. One ' +
    'transaction a database, under the lock of migrations. Values that somebody changed by hand are kept or written over, ' +
    'as the file says, and told. --env chooses the environment, whose rows are seeded besides those for all.',
  examples: [
    { command: 'wwdb seed', purpose: 'everything, after `wwdb migrate`' },
    { command: 'wwdb seed --only roles --only permissions', purpose: 'some files or tables' },
    { command: 'wwdb seed --env test', purpose: 'with the rows of an environment' },
    { command: 'wwdb seed --prune', purpose: 'remove what left the files' },
  ],
  arguments: [],
  flags: [{ heading: 'What to seed', flags: [only, prune] }],
  exitCodes: [...looks, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
}

const seedPlan: CommandEntry = {
  name: 'seed plan',
  summary: 'show what a seed run would change, row by row',
  purpose:
    'Compares the rows of seeds/ with those of the databases and shows each that would be inserted, updated or removed, ' +
    'column by column, before and after, and those that were changed by hand. Takes no lock and writes nothing; the ' +
    'values are read in temporary tables of its own connection.',
  examples: [
    { command: 'wwdb seed plan', purpose: 'what `wwdb seed` would do now' },
    { command: 'wwdb seed plan --exit-code --quiet', purpose: 'in a deployment: 1 when something differs' },
    { command: 'wwdb seed plan --prune --json', purpose: 'with what would be removed, for a program' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to look at',
      flags: [
        only,
        { ...prune, description: 'also show what would be removed, and what hangs on it' },
        { long: 'exit-code', description: 'exit with 1 when the databases are not as the files say' },
      ],
    },
  ],
  exitCodes: [...looks, exitCodes.findings],
  interruption: 'at-once',
  connects: true,
}

/** Reference data. */
export const seedCommands: CommandGroup = { heading: 'Reference data', commands: [seed, seedPlan] }
