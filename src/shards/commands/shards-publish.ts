import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { shardMaps } from '../map-ports.ts'
import { readShardProject } from '../project.ts'
import { readShardMap } from '../shard-map.ts'

/** `wwdb shards publish`: writes the shard map, with the existing periods, to Redis; a generation counts its changes. */
export const command = defineCommand({
  name: 'shards publish',
  group: 'Sharded tables',
  summary: 'publish the shard map to Redis, for applications',
  purpose:
    'Writes the shard map of `wwdb shards map`, with the periods that have a table, to Redis, and increments a ' +
    'generation number that applications poll. Does nothing if the same map is already published, so it can run ' +
    'after every rotation. If a changed header no longer names shards that are recorded, nothing is published.',
  examples: [
    { command: 'wwdb shards publish', purpose: 'to the Redis that WWDB_REDIS names' },
    {
      command: 'wwdb shards publish --redis-key staging:shards',
      purpose: 'beside the shard map of another environment',
    },
  ],
  flags: {
    'Where to': {
      redis: {
        value: 'URL',
        description: 'the server; prefer the variable, because other users can see flags',
        environment: 'WWDB_REDIS',
      },
      redisKey: {
        value: 'KEY',
        description: 'prefix of the two keys, in braces',
        pattern: {
          source: '[!-z|~]{1,200}',
          meaning: 'Use up to 200 letters, digits and punctuation characters, without spaces and braces.',
        },
        otherwise: 'the prefix of the configuration, and wwdb:shards',
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  async run({ redis, redisKey }, context) {
    const project = await readShardProject(context, [])
    const store = await (await context.port(shardMaps))(redis ?? null)
    try {
      const { config } = project.request
      const shardMap = await readShardMap(project)
      // Braces keep both in one slot of a cluster. A set of databases has a shard map of its own, as the register of keys has it.
      const beginning = redisKey === undefined ? `${config.prefix}{wwdb:shards}` : `{${redisKey}}`
      const keys = { map: `${beginning}:map`, generation: `${beginning}:generation` }
      const publication = await store.publish(keys, JSON.stringify(shardMap))
      const families = shardMap.families.map(({ database, name }) => `${database}.${name}`)
      return {
        result: { kind: 'publication', server: store.server, keys, families, ...publication },
        exitCode: exitCodes.done,
      }
    } finally {
      store.close()
    }
  },
})
