import { defineCommand } from '../../core/command.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { instances, reason, shardKeys } from '../../core/shared-flags.ts'
import { changeNamed, requireReason, unprotectNamed } from '../rotation/named-shards.ts'

/** `wwdb shards unprotect`: gives protected shards back to their policy. */
export const command = defineCommand({
  name: 'shards unprotect',
  group: 'Sharded tables',
  summary: 'give a protected shard back to its policy',
  purpose:
    'Ends the protection by `wwdb shards protect` or `wwdb shards restore`: the next rotation treats the shard as ' +
    'its policy says, which may retire it.',
  examples: [
    {
      command: 'wwdb shards unprotect messages --key 2026-03 --reason case-117-closed',
      purpose: 'when the case is over',
    },
    { command: 'wwdb shards unprotect contacts --instance 42 --reason done', purpose: 'the same for an instance' },
  ],
  arguments: { family: { description: 'the family, as its template is called', required: true } },
  flags: { 'Which shards, and why': { key: shardKeys, instance: instances, reason } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run(options, context) {
    const given = { reason: requireReason(options.reason), by: context.process.person }
    return changeNamed(context, 'shards unprotect', options, false, (_, target, family, keys) =>
      unprotectNamed(target, family, keys, given),
    )
  },
})
