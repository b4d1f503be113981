import { defineCommand } from '../../command/define-command.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import type { ShardMap, ShardMapFamily } from '../../routing/shard-map.ts'
import { readFamilies } from '../templates/read-families.ts'

/** `wwdb shards map`: what an application must know to find its shards, as JSON for `wwdb/routing` or any other reader. */
export const command = defineCommand({
  name: 'shards map',
  group: 'Sharded tables',
  summary: 'what an application must know to find its shards',
  purpose:
    'Prints, as JSON, every family with its schema, its partitioning, its naming pattern and the base of its ids. ' +
    '`wwdb/routing` and readers in other languages use it to find the shard of a row. It is derived from the ' +
    'templates without connecting to a server; `shards check` and `shards publish` compare it with the existing ' +
    'shards.',
  examples: [
    { command: 'wwdb shards map > shards.json', purpose: 'a file to build into the application' },
    { command: 'wwdb shards map --env production', purpose: 'with the schemas of an environment' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_options, context) {
    const config = await context.config()
    const content = `${JSON.stringify(toShardMap(await readFamilies(config), config), null, 2)}\n`
    return { result: { kind: 'document', format: 'json', content }, exitCode: exitCodes.done }
  },
})

/** The shard map of a project's families. */
export function toShardMap(families: readonly ShardFamily[], config: Config): ShardMap {
  const schemas = schemasOf(config)
  return { version: 1, families: families.map((family) => toShardMapFamily(family, schemas)) }
}

function toShardMapFamily(family: ShardFamily, schemas: ReadonlyMap<string, string>): ShardMapFamily {
  const { name, database, pattern, division, template } = family
  return {
    name,
    database,
    schema: schemas.get(database) ?? database,
    pattern,
    division: division.type === 'key' ? { type: 'key' } : { type: 'period', kind: division.kind, zone: division.zone },
    // Held below 2^53 when the template was read.
    ids: template.idBase === null ? null : { factor: Number(template.idBase.factor) },
  }
}
