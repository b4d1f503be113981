import { compileNaming } from '../../calendar/naming.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardMap, ShardMapFamily } from '../../routing/shard-map.ts'
import { contradicted, findContradictions } from '../contradictions.ts'
import { compareKeys } from '../inspect/list-shards.ts'
import { type ShardStore, shardMaps } from '../ports.ts'
import { readDatabases, readShardProject, type ShardProject } from '../project.ts'
import type { Registry } from '../shard.ts'
import { toShardMap } from './shards-map.ts'

/** `wwdb shards publish`: the shard map, with the periods that are there, to Redis; a generation counts its changes. */
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
      const registries = await readDatabases(project, (shards) => readFitting(project, shards))
      const { config } = project.request
      const shardMap = withLive(toShardMap(project.chosen, config), registries)
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

/** Applications would be sent to tables that are not there. Throws ToolError `FAMILY_RENAMED`, `FAMILY_HEADER_CHANGED`. */
async function readFitting({ request, chosen }: ShardProject, store: ShardStore): Promise<Registry> {
  const [registry, live] = [await store.readRegistry(), await store.listTables()]
  const tables = new Map(live.map(({ name, type }) => [name, type]))
  const { target } = store
  const own = request.families.filter(({ database }) => database === target.database)
  const found = chosen
    .filter(({ database }) => database === target.database)
    .flatMap((family) => {
      const compared = { family, target, naming: compileNaming(family.pattern, family.division), tables, census: null }
      return findContradictions(compared, registry, own)
    })
  const error = contradicted(found.filter(({ kind }) => kind === 'renamed' || kind === 'header'))
  if (error !== null) throw error
  return registry
}

/** A shard that is sealed can be read like any other; one that is held cannot. */
const readable: ReadonlySet<string> = new Set(['live', 'sealed'])

function withLive(shardMap: ShardMap, registries: readonly Registry[]): ShardMap {
  const shards = registries.flatMap((registry) => registry.shards).filter(({ state }) => readable.has(state))
  const complete = (family: ShardMapFamily): ShardMapFamily => {
    if (family.division.type === 'key') return family
    const keys = shards.filter((shard) => shard.family === family.name).map((shard) => shard.key)
    return { ...family, live: keys.toSorted(compareKeys) }
  }
  return { ...shardMap, families: shardMap.families.map(complete) }
}
