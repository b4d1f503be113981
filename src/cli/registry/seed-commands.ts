import { exitCodes } from '../../core/exit-code.ts'
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

const seedMatrix: CommandEntry = {
  name: 'seed matrix',
  summary: 'print who may do what, for review',
  purpose:
    'Prints every matrix of the seed files, with the names that people see: a line for each permission, a column for each ' +
    'role. Reads the files only; `wwdb seed plan` says whether the databases are as they say.',
  examples: [
    { command: 'wwdb seed matrix', purpose: 'on the screen' },
    { command: 'wwdb seed matrix --markdown > roles.md', purpose: 'for a document' },
    { command: 'wwdb seed matrix --json', purpose: 'for a program' },
  ],
  arguments: [],
  flags: [{ heading: 'How', flags: [{ long: 'markdown', description: 'as Markdown tables' }] }],
  exitCodes: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'at-once',
  connects: false,
}

const seedAdmin: CommandEntry = {
  name: 'seed admin',
  summary: 'make the first administrator',
  purpose:
    'Makes the first user who may do everything, as a seed file with "administrator:" says: the row, its grants, and the ' +
    'password as a scrypt hash with a salt. The password comes from stdin and appears nowhere. Refuses a weak password, and ' +
    'does nothing where there is an administrator already.',
  examples: [
    {
      command: 'wwdb seed admin --username root --password-stdin < password.txt',
      purpose: 'from a file that only you may read',
    },
    {
      command: 'wwdb seed admin --username root --value email=root@example.com --password-stdin < password.txt',
      purpose: 'with other values than the file has',
    },
  ],
  arguments: [],
  flags: [
    {
      heading: 'Who',
      flags: [
        { long: 'username', value: { name: 'NAME', type: 'text' }, description: 'how the administrator is called' },
        { long: 'password-stdin', description: 'read the password from stdin, up to its end or line end' },
        {
          long: 'value',
          value: { name: 'COLUMN', type: 'text' },
          description: "a value of the row instead of the file's, as COLUMN=TEXT; may be repeated",
          repeatable: true,
        },
      ],
    },
  ],
  exitCodes: [...looks, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
}

/** Reference data. */
export const seedCommands: CommandGroup = {
  heading: 'Reference data',
  commands: [seed, seedPlan, seedMatrix, seedAdmin],
}
