import { defineCommand } from '../../command/define-command.ts'
import { family, shardKeys } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { changeNamed, createNamed } from '../rotation/named-shards.ts'

/** `wwdb shards create`: creates shards now, including those that they reference. */
export const command = defineCommand({
  name: 'shards create',
  group: 'Sharded tables',
  summary: 'create a shard now, without waiting for a rotation',
  purpose:
    'Creates the tables of the given instances or periods, and of the families that they refer to. An existing ' +
    'table stays as it is. A shard whose rows are on hold or in an archive is not created empty: `wwdb shards ' +
    'restore` restores it.',
  examples: [
    {
      command: 'wwdb shards create --family contacts --key 42',
      purpose: 'before the first contact of an instance is written',
    },
    { command: 'wwdb shards create --family messages --key 2027-06', purpose: 'a month far ahead' },
  ],
  flags: { 'Which shards': { family, key: shardKeys } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  run(options, context) {
    return changeNamed(context, 'shards create', options, true, createNamed)
  },
})
