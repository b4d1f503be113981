import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagEntry } from './entry.ts'

const looks = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const
const writes = [...looks, exitCodes.busy] as const

const family: FlagEntry = {
  long: 'family',
  value: { name: 'NAME', type: 'text' },
  description: 'only this family and what it refers to; may be repeated',
  default: 'all',
  repeatable: true,
}

const ahead: FlagEntry = {
  long: 'ahead',
  value: { name: 'NUMBER', type: 'integer' },
  description: 'have at least so many periods ready after the current one, where the policy has fewer',
}

const key: FlagEntry = {
  long: 'key',
  value: { name: 'KEY', type: 'text' },
  description: 'the shard: an instance id, or a period such as 2026-12, 2026-W49 or 2026-12-01; may be repeated',
  repeatable: true,
}

const instance: FlagEntry = {
  long: 'instance',
  value: { name: 'ID', type: 'text' },
  description: 'the same for a family of instances; may be repeated',
  repeatable: true,
}

const reason: FlagEntry = {
  long: 'reason',
  value: { name: 'TEXT', type: 'text' },
  description: 'why; it stands in the registry',
}

const familyArgument = { name: 'family', description: 'the family, as its template is called', required: true } as const

const rotateRun: CommandEntry = {
  name: 'rotate run',
  summary: 'make the shards that are needed, retire what the policies say',
  purpose:
    'For every family: makes the tables of the current period, of those ahead and of holes in the past, and of every ' +
    'instance that lacks them; then retires what is expired, one step a run: sealed, put on hold under another name, ' +
    'archived, dropped after a grace. Creation comes first, for all families, and the failure of one leaves the others ' +
    'their work. Meant for cron: safe to repeat, and to run several times at once. Never takes the current, a future or ' +
    'the last shard, never more than the cap, and nothing at all while clocks disagree. Exit code 1 where rows of a shard are ' +
    'lost, since somebody dropped its table, until a person acknowledges it.',
  examples: [
    { command: 'wwdb rotate run', purpose: 'what cron runs every hour' },
    { command: 'wwdb rotate run --dry-run', purpose: 'see what it would do, write nothing' },
    { command: 'wwdb rotate run --family messages --ahead 12', purpose: 'a year of months for one family' },
    { command: 'wwdb rotate run --yes', purpose: "also where more than a family's share would be put on hold" },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to rotate',
      flags: [
        family,
        ahead,
        { long: 'dry-run', description: 'show the plan, write nothing at all' },
        {
          long: 'trust-clock',
          description:
            'say that the time is right after a long pause or a clock that was set back; for a person, not for cron',
        },
      ],
    },
  ],
  exitCodes: [...writes, exitCodes.findings],
  interruption: 'after-statement',
  connects: true,
}

const rotatePlan: CommandEntry = {
  name: 'rotate plan',
  summary: 'what a rotation would do, now or at another time',
  purpose:
    'Plans a rotation from what the servers hold and what the policies say, and shows every table that would be made and ' +
    'every step of every shard, with the reason. Writes nothing and takes no lock. With --now it rehearses another time: ' +
    'clocks are not compared then.',
  examples: [
    { command: 'wwdb rotate plan', purpose: 'what the next run will do' },
    { command: 'wwdb rotate plan --now 2027-03-01', purpose: 'what it would do on that day, with the tables of today' },
    { command: 'wwdb rotate plan --family messages --json', purpose: 'one family, for a program' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to plan',
      flags: [
        family,
        ahead,
        {
          long: 'now',
          value: { name: 'TIME', type: 'text' },
          description: 'the time to plan for, UTC unless it says otherwise: 2027-03-01, 2027-03-01T12:00+08:00',
        },
      ],
    },
  ],
  exitCodes: looks,
  interruption: 'at-once',
  connects: true,
}

const shardsCreate: CommandEntry = {
  name: 'shards create',
  summary: 'make a shard now, without waiting for a rotation',
  purpose:
    'Makes the tables of some instances or periods, and of the families that they refer to. A table that is there already ' +
    'stays as it is. A shard whose rows are on hold or in an archive is not made empty: `wwdb shards restore` brings it back.',
  examples: [
    {
      command: 'wwdb shards create contacts --instance 42',
      purpose: 'before the first contact of an instance is written',
    },
    { command: 'wwdb shards create messages --key 2027-06', purpose: 'a month far ahead' },
  ],
  arguments: [familyArgument],
  flags: [{ heading: 'Which shards', flags: [key, instance] }],
  exitCodes: writes,
  interruption: 'after-statement',
  connects: true,
}

const shardsProtect: CommandEntry = {
  name: 'shards protect',
  summary: 'let nothing be taken from a shard',
  purpose:
    'Writes a legal hold into the registry: until the shard is unprotected, no rotation seals, renames or drops it, and no ' +
    'repair takes values from it, whatever the policy says. The table keeps its name and its rows: it is not put on hold.',
  examples: [
    { command: 'wwdb shards protect messages --key 2026-03 --reason case-117', purpose: 'keep a month for a case' },
    { command: 'wwdb shards protect contacts --instance 42 --reason audit', purpose: 'keep the tables of an instance' },
  ],
  arguments: [familyArgument],
  flags: [{ heading: 'Which shards, and why', flags: [key, instance, reason] }],
  exitCodes: writes,
  interruption: 'after-statement',
  connects: true,
}

const shardsUnprotect: CommandEntry = {
  name: 'shards unprotect',
  summary: 'give a protected shard back to its policy',
  purpose:
    'Ends the protection by `wwdb shards protect` or `wwdb shards restore`: the next rotation treats the shard as its ' +
    'policy says, which may retire it.',
  examples: [
    {
      command: 'wwdb shards unprotect messages --key 2026-03 --reason case-117-closed',
      purpose: 'when the case is over',
    },
    { command: 'wwdb shards unprotect contacts --instance 42 --reason done', purpose: 'the same for an instance' },
  ],
  arguments: [familyArgument],
  flags: [{ heading: 'Which shards, and why', flags: [key, instance, reason] }],
  exitCodes: writes,
  interruption: 'after-statement',
  connects: true,
}

const shardsRestore: CommandEntry = {
  name: 'shards restore',
  summary: 'bring a retired shard back, from its hold or its archive',
  purpose:
    'Gives a shard its own name again: by a rename while it is on hold, or by loading its archive, whose rows are counted ' +
    'and summed before the table appears. A shard that the policy would retire again is protected with it, so that it ' +
    'stays until `wwdb shards unprotect`. With --from-archive the archive says which shard it is, also where the registry was lost.',
  examples: [
    { command: 'wwdb shards restore messages --key 2025-11', purpose: 'look into a month that is gone' },
    { command: 'wwdb shards restore contacts --instance 42', purpose: 'an instance that was deleted by mistake' },
    {
      command: 'wwdb shards restore --from-archive archives/app/messages/messages_202511.20260301T041700123Z',
      purpose: 'a shard that the registry does not know any more',
    },
  ],
  arguments: [{ ...familyArgument, required: false }],
  flags: [
    {
      heading: 'Which shards, and why',
      flags: [
        key,
        instance,
        {
          long: 'from-archive',
          value: { name: 'FOLDER', type: 'directory' },
          description: 'the shard of this archive, by its manifest, in place of a family and keys',
        },
        reason,
      ],
    },
  ],
  exitCodes: writes,
  interruption: 'after-statement',
  connects: true,
}

/** Rotation: what cron runs, and what a person does about single shards. */
export const rotationCommands: CommandGroup = {
  heading: 'Rotation of sharded tables',
  commands: [rotateRun, rotatePlan, shardsCreate, shardsProtect, shardsUnprotect, shardsRestore],
}
