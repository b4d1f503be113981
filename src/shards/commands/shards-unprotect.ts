import { defineCommand } from '../../command/define-command.ts'
import { family, reason, shardKeys } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { changeNamed, requireReason, unprotectNamed } from '../rotation/named-shards.ts'

/** `wwdb shards unprotect`: returns protected shards to their policy. */
export const command = defineCommand({
  name: 'shards unprotect',
  group: 'Sharded tables',
  summary: 'end the protection of a shard',
  purpose:
    'Ends the protection by `wwdb shards protect` or `wwdb shards restore`: the next rotation treats the shard as ' +
    'its policy says, which may retire it.',
  examples: [
    {
      command: 'wwdb shards unprotect --family messages --key 2026-03 --reason case-117-closed',
      purpose: 'when the case is over',
    },
    { command: 'wwdb shards unprotect --family contacts --key 42 --reason done', purpose: 'the same for an instance' },
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
      'shards unprotect',
      options,
      false,
      (_, target, one, keys) => unprotectNamed(target, one, keys, given),
      ['header', 'protection', 'keys'],
    )
  },
})
