import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagEntry } from './entry.ts'

const runCodes = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.busy,
  exitCodes.configuration,
] as const

const dryRun: FlagEntry = {
  long: 'dry-run',
  description: 'show the plan, write nothing at all (ALTERs are not probed)',
}

const toVersion: FlagEntry = {
  long: 'to',
  value: { name: 'VERSION', type: 'text' },
  description: 'stop after this version',
  conflicts: ['steps'],
}

const allow: FlagEntry = {
  long: 'allow',
  value: { name: 'CODE', type: 'text' },
  description: 'accept this hazard for this run, for example drop-table; may be repeated',
  repeatable: true,
}

const noProbe: FlagEntry = {
  long: 'no-probe',
  description: 'do not ask the server how it would carry out ALTERs (on empty copies in a scratch schema)',
}

/** For migrations that run on every shard of a family. */
const shardFlags: readonly FlagEntry[] = [
  {
    long: 'error-budget',
    value: { name: 'NUMBER', type: 'integer' },
    description: 'so many shards may fail before no further one is begun',
    default: '0',
  },
  { long: 'failed-only', description: 'only shards whose last attempt failed' },
]

const outOfOrder: FlagEntry = {
  long: 'out-of-order',
  value: { name: 'POLICY', type: 'text' },
  description: 'what to do with a pending file that sorts before an applied one',
  default: 'fail',
  choices: ['fail', 'warn', 'allow'],
  environment: 'WWDB_OUT_OF_ORDER',
  setting: true,
}

const migrate: CommandEntry = {
  name: 'migrate',
  summary: 'apply what is pending',
  purpose:
    'Brings every database to the state of its migration files. Databases that do not depend on each other run side by ' +
    'side. Each statement is written down before it runs and closed after it, so a run that was killed is simply run ' +
    'again: it goes on at the statement where it stopped. Statements that remove data or block others stop the run ' +
    'until they are allowed.',
  examples: [
    { command: 'wwdb migrate', purpose: 'apply everything that is pending' },
    { command: 'wwdb migrate --dry-run', purpose: 'see what would run' },
    { command: 'wwdb migrate -t user_db --to 20260301000000', purpose: 'one database, up to a version' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to apply',
      flags: [
        toVersion,
        {
          long: 'steps',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'at most this many, in the order of their versions',
        },
        {
          long: 'plan',
          value: { name: 'FILE', type: 'file' },
          description: 'exactly the plan that `wwdb plan --out` wrote; refused if the world has changed since',
          conflicts: ['to', 'steps'],
        },
        outOfOrder,
      ],
    },
    { heading: 'Safety', flags: [dryRun, allow, noProbe] },
    { heading: 'Migrations that run on shards', flags: shardFlags },
  ],
  exitCodes: runCodes,
  interruption: 'after-statement',
  connects: true,
}

const plan: CommandEntry = {
  name: 'plan',
  summary: 'show what a run would do',
  purpose:
    'Shows each pending statement with its kind, its hazards and how the server would carry it out. Writes nothing to ' +
    'the databases. The plan can be kept in a file, looked at by a second person, and run as it stands.',
  examples: [
    { command: 'wwdb plan', purpose: 'what migrate would do now' },
    { command: 'wwdb plan --out plan.json', purpose: 'keep it for `wwdb migrate --plan plan.json`' },
    { command: 'wwdb plan --direction down --steps 1', purpose: 'what rollback would do' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to plan',
      flags: [
        toVersion,
        {
          long: 'steps',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'at most this many, in the order of their versions',
        },
        {
          long: 'direction',
          value: { name: 'DIRECTION', type: 'text' },
          description: 'up applies, down reverts',
          default: 'up',
          choices: ['up', 'down'],
        },
        outOfOrder,
        { long: 'out', value: { name: 'FILE', type: 'file' }, description: 'write the plan to this file' },
        noProbe,
      ],
    },
  ],
  exitCodes: runCodes,
  interruption: 'at-once',
  connects: true,
}

const rollback: CommandEntry = {
  name: 'rollback',
  summary: 'revert what was applied last',
  purpose:
    'Runs the down part of the migrations that were applied last, newest first. A migration without a down part stops ' +
    'the run before anything is reverted. Asks before it starts, because a down part usually removes data.',
  examples: [
    { command: 'wwdb rollback -t user_db', purpose: 'revert the last migration of one database' },
    { command: 'wwdb rollback --to 20260101000000 --dry-run', purpose: 'see what going back to a version would do' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to revert',
      flags: [
        { ...toVersion, description: 'revert everything after this version, which stays' },
        {
          long: 'steps',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'this many, the last applied first, whatever database they are of',
          default: '1',
        },
      ],
    },
    { heading: 'Safety', flags: [dryRun, allow, noProbe] },
    { heading: 'Migrations that run on shards', flags: shardFlags },
  ],
  exitCodes: runCodes,
  interruption: 'after-statement',
  connects: true,
}

const redo: CommandEntry = {
  name: 'redo',
  summary: 'revert the last migration and apply it again',
  purpose:
    'Rolls back and migrates again in one go. Meant for writing a migration: run it, look, edit it, redo it. Asks before ' +
    'it starts, because the down part usually removes data.',
  examples: [
    { command: 'wwdb redo -t user_db', purpose: 'the last migration of one database' },
    { command: 'wwdb redo -t user_db --steps 2 --yes', purpose: 'the last two, without a question' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to redo',
      flags: [
        {
          long: 'steps',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'this many, the last applied first, whatever database they are of',
          default: '1',
        },
      ],
    },
    { heading: 'Safety', flags: [dryRun, allow, noProbe] },
  ],
  exitCodes: runCodes,
  interruption: 'after-statement',
  connects: true,
}

/** Changing databases. */
export const runCommands: CommandGroup = { heading: 'Change databases', commands: [migrate, plan, rollback, redo] }
