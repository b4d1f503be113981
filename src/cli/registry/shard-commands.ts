import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagEntry } from './entry.ts'

const looks = [
  exitCodes.done,
  exitCodes.findings,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const

const family: FlagEntry = {
  long: 'family',
  value: { name: 'NAME', type: 'text' },
  description: 'only this family; may be repeated',
  default: 'all',
  repeatable: true,
}

const shardsCheck: CommandEntry = {
  name: 'shards check',
  summary: 'are all shards there, and like their template?',
  purpose:
    'Looks at every shard at once: what is missing now or soon, holes in the past, tables that only look like shards, shards ' +
    'that differ from the others of their family, the registry against what is there, how long the tables last, and ' +
    'whether the server is set up for so many. Takes no lock, writes nothing, and needs no more than SELECT: for an account ' +
    'of its own, run beside rotation and not by it. Exit code 1 where anything is wrong.',
  examples: [
    { command: 'wwdb shards check', purpose: 'all families' },
    {
      command: 'wwdb shards check --metrics /var/lib/node_exporter/wwdb.prom',
      purpose: 'the same with numbers for Prometheus',
    },
    {
      command: 'wwdb shards check --scratch',
      purpose: 'compare with what the templates make, not with what was recorded',
    },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to look at',
      flags: [
        family,
        {
          long: 'scratch',
          description: 'make each template in a scratch schema and compare with that; needs CREATE',
        },
      ],
    },
    {
      heading: 'Output',
      flags: [
        {
          long: 'metrics',
          value: { name: 'FILE', type: 'file' },
          description: "write the numbers for node_exporter's textfile collector, whole or not at all",
        },
      ],
    },
  ],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

const shardsList: CommandEntry = {
  name: 'shards list',
  summary: 'every shard with its state, period and version',
  purpose:
    'Lists the shards of the registry, the ones that were retired included, and tables that the registry lacks. Takes no ' +
    'lock and writes nothing.',
  examples: [
    { command: 'wwdb shards list --family messages', purpose: 'one family' },
    { command: 'wwdb shards list --state held', purpose: 'what waits to be dropped' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to list',
      flags: [
        family,
        {
          long: 'state',
          value: { name: 'STATE', type: 'text' },
          description: 'only shards in this state',
          default: 'all',
          choices: [
            'live',
            'sealed',
            'holding',
            'held',
            'archived',
            'dropping',
            'dropped',
            'restoring',
            'unregistered',
            'lost',
          ],
        },
      ],
    },
  ],
  exitCodes: looks.filter((code) => code !== exitCodes.findings),
  interruption: 'at-once',
  connects: true,
}

const shardsLocate: CommandEntry = {
  name: 'shards locate',
  summary: 'which shard a row is in, by its id, time or key',
  purpose:
    'Names the shard that a row of a family is in, by the same calendar that rotation uses, and how that shard stands on its ' +
    'server. Ids tell their shard where the template has a `-- wwdb:ids` line. Exit code 1 where rows cannot be read there ' +
    "under the shard's own name: it is missing, on hold or dropped.",
  examples: [
    { command: 'wwdb shards locate --family messages --id 2026120000004711', purpose: 'by an id' },
    { command: 'wwdb shards locate --family messages --at 2026-12-24T18:00:00+08:00', purpose: 'by a time' },
    { command: 'wwdb shards locate --family contacts --key 42 --offline', purpose: 'without asking a server' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What is known',
      flags: [
        { long: 'family', value: { name: 'NAME', type: 'text' }, description: 'the family, as its template is called' },
        { long: 'id', value: { name: 'ID', type: 'text' }, description: 'the id of a row' },
        {
          long: 'at',
          value: { name: 'TIME', type: 'text' },
          description: 'when the row was written: ISO 8601, UTC unless it says otherwise',
        },
        {
          long: 'key',
          value: { name: 'KEY', type: 'text' },
          description: "the shard's key: an instance id, or a period such as 2026-12",
        },
      ],
    },
    {
      heading: 'How',
      flags: [{ long: 'offline', description: 'by the calendar and the template alone: no server is asked' }],
    },
  ],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

const shardsDiff: CommandEntry = {
  name: 'shards diff',
  summary: 'what tells shards from their template, and the ALTERs back',
  purpose:
    'Makes each template in a scratch schema, and compares every shard with it. Shards of one shape are shown together, with ' +
    'the ALTER TABLEs that bring them back; what may lose data is marked. With --sql these are printed for every table, as ' +
    'a script for the mysql client. Changes no shard. Exit code 1 where there is a difference.',
  examples: [
    { command: 'wwdb shards diff', purpose: 'all families' },
    { command: 'wwdb shards diff --family messages --sql > repair.sql', purpose: 'a script to review' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to compare',
      flags: [family, { long: 'sql', description: 'print the statements for every table, and nothing else' }],
    },
  ],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

const shardsRepair: CommandEntry = {
  name: 'shards repair',
  summary: 'bring shards back to their template',
  purpose:
    'Runs the ALTER TABLEs that `shards diff` prints, as a fan-out: of each shape one shard first and alone, then the others ' +
    'over several connections, each statement in the ledger, so that a run that was killed leaves nothing unknown. Asks ' +
    'before it begins. What removes or narrows data must be allowed by its code. With --acknowledge-loss it changes no table: a ' +
    'shard whose table another hand dropped with its rows is a finding of every check until a person says that it is known.',
  examples: [
    { command: 'wwdb shards repair --dry-run', purpose: 'see what would run' },
    { command: 'wwdb shards repair --family messages --yes', purpose: 'one family, without a question' },
    { command: 'wwdb shards repair --allow DROP_COLUMN', purpose: 'even where a column goes with its values' },
    {
      command: 'wwdb shards repair --family messages --acknowledge-loss 2024-03 --reason restored',
      purpose: 'say that lost rows are known',
    },
  ],
  arguments: [],
  flags: [
    { heading: 'What to repair', flags: [family] },
    {
      heading: 'Safety',
      flags: [
        { long: 'dry-run', description: 'show the plan, change nothing' },
        {
          long: 'allow',
          value: { name: 'CODE', type: 'text' },
          description: 'let a hazard through, for example DROP_COLUMN; may be repeated',
          repeatable: true,
        },
        {
          long: 'error-budget',
          value: { name: 'NUMBER', type: 'integer' },
          description: 'so many shards of a shape may fail before no further one is begun',
          default: '0',
        },
      ],
    },
    {
      heading: 'Lost rows',
      flags: [
        {
          long: 'acknowledge-loss',
          value: { name: 'KEY', type: 'text' },
          description: 'say that a person knows that rows of this shard are lost, and repair nothing; may be repeated',
          repeatable: true,
        },
        {
          long: 'reason',
          value: { name: 'TEXT', type: 'text' },
          description: 'why; it stands in the registry beside who said it',
        },
      ],
    },
  ],
  exitCodes: [...looks.filter((code) => code !== exitCodes.findings), exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
}

const shardsAdopt: CommandEntry = {
  name: 'shards adopt',
  summary: 'take tables that are shards into the registry',
  purpose:
    'Fills the registry from the tables that are there: those of a platform that ran before wwdb, and all of them where the ' +
    "registry was lost. A table is adopted when its name is a shard's by strict parse and its shape is the template's; held " +
    'tables by the digest in their names; a shard of which only an archive is left by its manifest, so that it can be restored. Every other one that looks like a shard is named with the reason, and left alone. ' +
    'Changes no table. Exit code 1 where something was left alone.',
  examples: [
    { command: 'wwdb shards adopt --dry-run', purpose: 'see what would be adopted' },
    { command: 'wwdb shards adopt --family messages', purpose: 'one family' },
  ],
  arguments: [],
  flags: [
    { heading: 'What to adopt', flags: [family] },
    { heading: 'Safety', flags: [{ long: 'dry-run', description: 'say what would be adopted, write nothing' }] },
  ],
  exitCodes: [...looks, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
}

/** Looking at shards, and putting them right. */
export const shardCommands: CommandGroup = {
  heading: 'Looking at shards',
  commands: [shardsCheck, shardsList, shardsLocate, shardsDiff, shardsRepair, shardsAdopt],
}
