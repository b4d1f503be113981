import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { refuseManyTargets } from '../../config/one-target.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardMap } from '../../routing/shard-map.ts'
import { readShardProject } from '../project.ts'
import { readShardMap, toShardMap } from '../shard-map.ts'
import { readFamilies } from '../templates/read-families.ts'

/** `wwdb shards map`: what an application must know to find its shards, as JSON for `wwdb/routing` or any other reader. */
export const command = defineCommand({
  name: 'shards map',
  group: 'Sharded tables',
  summary: 'what an application must know to find its shards',
  purpose:
    'Prints, as JSON, every family with its schema, its partitioning, its naming pattern and the base of its ids. ' +
    '`wwdb/routing` and readers in other languages use it to find the shard of a row. It is derived from the ' +
    'templates without connecting to a server; with `--live` it also lists the periods that have a table, as ' +
    '`shards publish` does, so that readers do not ask for tables that are gone.',
  examples: [
    { command: 'wwdb shards map > shards.json', purpose: 'a file to build into the application' },
    { command: 'wwdb shards map --env production', purpose: 'with the schemas of an environment' },
    { command: 'wwdb shards map --live > shards.json', purpose: 'with the periods that have a table' },
  ],
  flags: {
    'What to read': { live: { description: 'ask the servers which periods have a table' } },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: false,
  connectsWith: 'live',
  async run({ live = false }, context) {
    const shardMap = live ? await readShardMap(await readShardProject(context, [])) : await readTemplates(context)
    const content = `${JSON.stringify(shardMap, null, 2)}\n`
    return { result: { kind: 'document', format: 'json', content }, exitCode: exitCodes.done }
  },
})

async function readTemplates(context: Context): Promise<ShardMap> {
  const config = await context.config()
  const families = await readFamilies(config)
  for (const database of config.databases)
    if (families.some((family) => family.database === database.name)) refuseManyTargets(database)
  return toShardMap(families, config)
}
