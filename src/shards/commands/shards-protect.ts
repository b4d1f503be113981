import { defineCommand } from '../../command/define-command.ts'
import { family, reason, shardKeys } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { changeNamed, protectNamed, requireReason } from '../rotation/named-shards.ts'

/** `wwdb shards protect`: nothing is removed from these shards until they are unprotected, even where the policy would. */
export const command = defineCommand({
  name: 'shards protect',
  group: 'Sharded tables',
  summary: 'put a shard under legal hold',
  purpose:
    'Writes a legal hold into the registry: until the shard is unprotected, no rotation seals, renames or drops ' +
    'it, and no repair removes values from it, whatever the policy says. The table keeps its name and its rows: ' +
    'it is not renamed to a hold name.',
  examples: [
    {
      command: 'wwdb shards protect --family messages --key 2026-03 --reason case-117',
      purpose: 'keep a month for a case',
    },
    {
      command: 'wwdb shards protect --family contacts --key 42 --reason audit',
      purpose: 'keep the tables of an instance',
    },
  ],
  flags: { 'Which shards, and why': { family, key: shardKeys, reason } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const given = { reason: requireReason(options.reason), by: context.process.person }
    return changeNamed(
      context,
      'shards protect',
      options,
      false,
      (_, target, one, keys) => protectNamed(target, one, keys, given),
      ['header', 'protection', 'keys'],
    )
  },
})
