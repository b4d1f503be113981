import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagValue } from './entry.ts'

const looks = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const
const writes = [...looks, exitCodes.busy] as const

/** A statement as the error names it that asks for this: `user_db/20260301000000:2`. */
const place: FlagValue = { name: 'STATEMENT', type: 'text' }

const status: CommandEntry = {
  name: 'status',
  summary: 'what is applied, pending, partial or changed',
  purpose:
    'Compares the migration files with the journal of every database. Shows what is pending, what stopped half way and at ' +
    'which statement, which applied files were edited since, and which are gone. Writes nothing.',
  examples: [
    { command: 'wwdb status', purpose: 'every database at a glance' },
    { command: 'wwdb status --exit-code --quiet', purpose: 'in a deployment: 1 when something is pending' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to show',
      flags: [
        { long: 'pending', description: 'only what is not applied' },
        { long: 'exit-code', description: 'exit with 1 when something is pending or wrong' },
      ],
    },
  ],
  exitCodes: [exitCodes.done, exitCodes.findings, ...looks.slice(1)],
  interruption: 'at-once',
  connects: true,
}

const history: CommandEntry = {
  name: 'history',
  summary: 'what ran, when, how long and by whom',
  purpose:
    'Reads the journal of every database, newest first: migrations applied and reverted, baselines and marks, with the ' +
    'time each took and the account that ran it.',
  examples: [
    { command: 'wwdb history --limit 10', purpose: 'the last ten entries of each database' },
    { command: 'wwdb history -t user_db --json', purpose: 'everything of one database, for a program' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to show',
      flags: [
        {
          long: 'limit',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'at most this many entries per database',
          default: 'all',
        },
      ],
    },
  ],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

const validate: CommandEntry = {
  name: 'validate',
  summary: 'check migration files and shard templates, without a server',
  purpose:
    'Splits and checks every migration file: names, duplicates, gaps, unterminated quotes, what may not stand in a ' +
    'migration, dependencies and the checksums in wwdb.sum. Checks every shard template, its header included. Needs no ' +
    'server and shows every fault at once.',
  examples: [
    { command: 'wwdb validate --strict', purpose: 'in a pull request: hazards without a reason count as faults' },
    {
      command: 'wwdb validate --strict --since 20260201000000',
      purpose: 'the same where older files were applied, and must stay as they are',
    },
    { command: 'wwdb validate --write-sum', purpose: 'after an edit that is meant: write wwdb.sum anew' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'How to check',
      flags: [
        { long: 'strict', description: 'hazards that no header accepts are faults too' },
        {
          long: 'since',
          value: { name: 'VERSION', type: 'text' },
          description: 'with --strict, leave out the hazards of older versions: applied files must not change',
        },
        { long: 'write-sum', description: 'write the checksums of the present files to wwdb.sum' },
      ],
    },
  ],
  exitCodes: [exitCodes.done, exitCodes.findings, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  interruption: 'at-once',
  connects: false,
}

const checkReferences: CommandEntry = {
  name: 'check references',
  summary: 'rows whose foreign keys point at nothing',
  purpose:
    'Reads from migration files and shard templates which foreign keys lead from one database to another, and counts the ' +
    'rows whose key has no parent: whether the server holds these keys or they are only logical, on one server or on several. Shows some of ' +
    'the missing keys. Rows with NULL in a key point nowhere on purpose and do not count. Writes nothing.',
  examples: [
    { command: 'wwdb check references', purpose: 'every key between databases' },
    { command: 'wwdb check references -t message_db --all', purpose: 'all keys of one database, those within it, too' },
    {
      command: 'wwdb check references --limit 100 --json',
      purpose: 'with up to a hundred missing keys each, for a program',
    },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to check and show',
      flags: [
        { long: 'all', description: 'foreign keys within a database, too' },
        {
          long: 'limit',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'at most this many missing keys for each foreign key',
          default: '5',
        },
      ],
    },
  ],
  exitCodes: [exitCodes.done, exitCodes.findings, ...looks.slice(1)],
  interruption: 'at-once',
  connects: true,
}

const repair: CommandEntry = {
  name: 'repair',
  summary: 'bring the journal in line with files or facts',
  purpose:
    'Accepts the present text of applied files that were edited on purpose, forgets migrations whose files are gone, and ' +
    'settles statements of which looking at the server could not tell whether they ran. Changes the journal only, never ' +
    'a table of yours. Without a flag it shows what could be repaired and repairs nothing. Not needed after a crash: ' +
    'migrate goes on by itself.',
  examples: [
    { command: 'wwdb repair', purpose: 'see what could be put right' },
    { command: 'wwdb repair --accept-checksums -t user_db', purpose: 'accept the edited files of one database' },
    { command: 'wwdb repair --ran user_db/20260301000000:2', purpose: 'the second statement did run: go on after it' },
    {
      command: 'wwdb repair --not-run message_db/20260301000000/2026-03:1',
      purpose: 'the first statement of a migration on shards did not run on the one of this key',
    },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to repair',
      flags: [
        { long: 'accept-checksums', description: 'accept the present text of applied files that were edited' },
        { long: 'forget-missing', description: 'forget applied migrations whose files are gone' },
        { long: 'ran', value: place, description: 'this statement did run; may be repeated', repeatable: true },
        { long: 'not-run', value: place, description: 'this statement did not run; may be repeated', repeatable: true },
      ],
    },
    { heading: 'Safety', flags: [{ long: 'dry-run', description: 'show the repairs, write nothing at all' }] },
  ],
  exitCodes: [...writes, exitCodes.findings],
  interruption: 'after-statement',
  connects: true,
}

const baseline: CommandEntry = {
  name: 'baseline',
  summary: 'take over a database that already has its tables',
  purpose:
    'Records every migration up to and including VERSION as applied without running it. For a database that existed ' +
    'before wwdb and already looks as those files say.',
  examples: [
    { command: 'wwdb baseline 20260101000000 -t user_db', purpose: 'one database stands at this version' },
    { command: 'wwdb baseline 20260101000000 --dry-run', purpose: 'see what would be recorded' },
  ],
  arguments: [{ name: 'version', description: 'the last version that the database already has', required: true }],
  flags: [
    { heading: 'Safety', flags: [{ long: 'dry-run', description: 'show what would be recorded, write nothing' }] },
  ],
  exitCodes: writes,
  interruption: 'after-statement',
  connects: true,
}

const mark: CommandEntry = {
  name: 'mark',
  summary: 'record one migration as applied or as pending',
  purpose:
    'Says in the journal that one migration was applied, or was not, without running anything. The way out when ' +
    'somebody ran a file by hand, or undid one.',
  examples: [
    { command: 'wwdb mark 20260301000000 --applied -t user_db', purpose: 'it was run by hand' },
    { command: 'wwdb mark 20260301000000 --pending -t user_db', purpose: 'it was undone by hand: run it again' },
  ],
  arguments: [{ name: 'version', description: 'the migration', required: true }],
  flags: [
    {
      heading: 'What to record',
      flags: [
        { long: 'applied', description: 'it has run', conflicts: ['pending'] },
        { long: 'pending', description: 'it has not run', conflicts: ['applied'] },
      ],
    },
    { heading: 'Safety', flags: [{ long: 'dry-run', description: 'show what would be recorded, write nothing' }] },
  ],
  exitCodes: writes,
  interruption: 'after-statement',
  connects: true,
}

const lockStatus: CommandEntry = {
  name: 'lock status',
  summary: 'who holds the lock of each database',
  purpose:
    'Shows for every database whether a run holds its lock, on which connection, since when and what that connection is ' +
    'doing, and whether the run that opened it is dead; and the same of the workers of a fan-out, which have locks of their own.',
  examples: [
    { command: 'wwdb lock status', purpose: 'all databases' },
    { command: 'wwdb lock status -t user_db --json', purpose: 'one, for a program' },
  ],
  arguments: [],
  flags: [],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

const lockRelease: CommandEntry = {
  name: 'lock release',
  summary: 'end the connection that holds a lock',
  purpose:
    'Ends the connection that holds the lock, and those of the workers of a fan-out, which also ends the statements that they run. Seldom right: the lock falls by ' +
    'itself when its connection ends, and a statement left behind by a dead run is waited for. Asks for the name of the ' +
    'database.',
  examples: [
    { command: 'wwdb lock release -t user_db', purpose: 'look, confirm, end it' },
    { command: 'wwdb lock release -t user_db --confirm user_db', purpose: 'without a terminal' },
  ],
  arguments: [],
  flags: [],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

/** Looking at databases. */
export const stateCommands: CommandGroup = { heading: 'Look', commands: [status, history, validate, checkReferences] }

/** Putting the journal and the lock right. */
export const journalCommands: CommandGroup = {
  heading: 'Journal and lock',
  commands: [repair, baseline, mark, lockStatus, lockRelease],
}
