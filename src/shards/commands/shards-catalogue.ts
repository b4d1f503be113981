import type { Config } from '../../config/config.ts'
import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import type { CatalogueFamily, ShardCatalogue } from '../../routing/catalogue.ts'
import { readFamilies } from '../templates/read-families.ts'

/** `wwdb shards catalogue`: what an application must know to find its shards, as JSON for `wwdb/routing` or any other reader. */
export const command = defineCommand({
  name: 'shards catalogue',
  group: 'Sharded tables',
  summary: 'what an application must know to find its shards',
  purpose:
    'Prints, as JSON, every family with its schema, its division, its naming pattern and the base of its ids. ' +
    '`wwdb/routing` and readers in other languages find the shard of a row by it. It reaches no server.',
  examples: [
    { command: 'wwdb shards catalogue > shards.json', purpose: 'a file to build into the application' },
    { command: 'wwdb shards catalogue --env production', purpose: 'with the schemas of an environment' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_options, context) {
    const config = await context.config()
    const content = `${JSON.stringify(toCatalogue(await readFamilies(config), config), null, 2)}\n`
    return { result: { kind: 'document', format: 'json', content }, exitCode: exitCodes.done }
  },
})

/** The catalogue of a project's families. */
export function toCatalogue(families: readonly ShardFamily[], config: Config): ShardCatalogue {
  const schemas = schemasOf(config)
  return { version: 1, families: families.map((family) => toCatalogueFamily(family, schemas)) }
}

function toCatalogueFamily(family: ShardFamily, schemas: ReadonlyMap<string, string>): CatalogueFamily {
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
