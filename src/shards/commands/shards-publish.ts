import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { CatalogueFamily, ShardCatalogue } from '../../routing/catalogue.ts'
import { compareKeys } from '../inspect/list-shards.ts'
import { lookAtEach, readShardProject } from '../project.ts'
import type { Registry } from '../shard.ts'
import { toCatalogue } from './shards-catalogue.ts'

/** `wwdb shards publish`: the catalogue, with the periods that are there, to Redis; a generation counts its changes. */
export const command = defineCommand({
  name: 'shards publish',
  group: 'Sharded tables',
  summary: 'the catalogue to Redis, for applications to watch',
  purpose:
    'Writes the catalogue of `wwdb shards catalogue`, with the periods that have a table, to Redis, and counts its ' +
    'changes in a number that applications poll. Does nothing where the same is there already, so it can follow ' +
    'every rotation.',
  examples: [
    { command: 'wwdb shards publish', purpose: 'to the Redis that WWDB_REDIS names' },
    { command: 'wwdb shards publish --key staging:shards', purpose: 'beside the catalogue of another environment' },
  ],
  flags: {
    'Where to': {
      redis: {
        value: 'URL',
        description: 'the server; prefer the variable, as other users can see flags',
        environment: 'WWDB_REDIS',
      },
      key: {
        value: 'KEY',
        description: 'what the two keys begin with, in braces',
        pattern: {
          source: '[!-z|~]{1,200}',
          meaning: 'It takes up to 200 letters, digits and signs, without blanks and braces.',
        },
        otherwise: 'the prefix of the configuration, and wwdb:shards',
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  async run({ redis, key }, context) {
    const project = await readShardProject(context, [])
    const store = await context.catalogueStore(redis ?? null)
    try {
      const registries = await lookAtEach(project, (shards) => shards.readRegistry())
      const { config } = project.request
      const catalogue = withLive(toCatalogue(project.chosen, config), registries)
      // Braces keep both in one slot of a cluster. A set of databases has a catalogue of its own, as the register of keys has it.
      const beginning = key === undefined ? `${config.prefix}{wwdb:shards}` : `{${key}}`
      const keys = { catalogue: `${beginning}:catalogue`, generation: `${beginning}:generation` }
      const publication = await store.publish(keys, JSON.stringify(catalogue))
      const families = catalogue.families.map(({ database, name }) => `${database}.${name}`)
      return {
        result: { kind: 'publication', server: store.server, keys, families, ...publication },
        exitCode: exitCodes.done,
      }
    } finally {
      store.close()
    }
  },
})

/** A shard that is sealed can be read like any other; one that is held cannot. */
const readable: ReadonlySet<string> = new Set(['live', 'sealed'])

function withLive(catalogue: ShardCatalogue, registries: readonly Registry[]): ShardCatalogue {
  const shards = registries.flatMap((registry) => registry.shards).filter(({ state }) => readable.has(state))
  const complete = (family: CatalogueFamily): CatalogueFamily => {
    if (family.division.type === 'key') return family
    const keys = shards.filter((shard) => shard.family === family.name).map((shard) => shard.key)
    return { ...family, live: keys.toSorted(compareKeys) }
  }
  return { ...catalogue, families: catalogue.families.map(complete) }
}
