import { defineCommand } from '../../command/define-command.ts'
import { families } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { listAllShards } from '../inspect/list-all-shards.ts'
import { shardStates } from '../shard.ts'

/** A table that only looks like a shard is in no registry, but is also listed. */
const states = [...shardStates, 'unregistered'] as const

/** `wwdb shards list`: every shard of the registry, and tables that are missing from it. Takes no lock, writes nothing. */
export const command = defineCommand({
  name: 'shards list',
  group: 'Sharded tables',
  summary: 'every shard with its state, period and version',
  purpose:
    'Lists the shards of the registry, including retired ones, and tables that are not in the registry. ' +
    'Takes no lock and writes nothing.',
  examples: [
    { command: 'wwdb shards list --family messages', purpose: 'one family' },
    { command: 'wwdb shards list --state held', purpose: 'what waits to be dropped' },
  ],
  flags: {
    'What to list': {
      family: families,
      state: { value: 'STATE', description: 'only shards in this state', choices: states, otherwise: 'all' },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run({ family = [], state }, context) {
    const { shards: all, unseen, exitCode } = await listAllShards(context, family)
    const shards = all.filter((shard) => state === undefined || shard.state === state)
    return { result: { kind: 'shard-list', shards, unseen }, exitCode: exitCode ?? exitCodes.done }
  },
})
