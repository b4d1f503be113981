import { compileNaming } from '../calendar/naming.ts'
import type { Config } from '../config/config.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { schemasOf } from '../migrations/plan/placeholders.ts'
import type { ShardMap, ShardMapFamily } from '../routing/shard-map.ts'
import { contradicted, findContradictions } from './contradictions.ts'
import { wholesOf } from './family-view.ts'
import { compareKeys } from './inspect/list-shards.ts'
import type { ShardStore } from './ports.ts'
import { readDatabases, type ShardProject } from './project.ts'
import type { ShardRecord } from './shard.ts'

/** The shard map of a project's families. */
export function toShardMap(families: readonly ShardFamily[], config: Config): ShardMap {
  const schemas = schemasOf(config)
  return { version: 1, families: families.map((family) => toShardMapFamily(family, schemas)) }
}

function toShardMapFamily(family: ShardFamily, schemas: ReadonlyMap<string, string>): ShardMapFamily {
  const { name, database, pattern, division, template, time, keeper } = family
  return {
    name,
    database,
    schema: schemas.get(database) ?? database,
    pattern,
    division: division.type === 'key' ? { type: 'key' } : { type: 'period', kind: division.kind, zone: division.zone },
    // Held below 2^53 when the template was read.
    ids: template.idBase === null ? null : { factor: Number(template.idBase.factor) },
    ...(time === undefined ? {} : { time }),
    ...(keeper === undefined ? {} : { partitions: { table: name, rule: true, except: [] } }),
  }
}

/**
 * The same with the periods that have a table, from the registries of the servers.
 * Throws ToolError `FAMILY_RENAMED`, `FAMILY_HEADER_CHANGED`, and that of a database that cannot be read.
 */
export async function readShardMap(project: ShardProject): Promise<ShardMap> {
  const registries = await readDatabases(project, (shards) => readFitting(project, shards))
  return withLive(toShardMap(project.chosen, project.request.config), registries)
}

/** Applications would be sent to tables that are not there. Throws ToolError `FAMILY_RENAMED`, `FAMILY_HEADER_CHANGED`. */
async function readFitting({ request, chosen }: ShardProject, store: ShardStore): Promise<KnownShards> {
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
  const wholes = wholesOf(live)
  return { shards: registry.shards.map((shard) => ({ ...shard, whole: wholes.get(shard.table) ?? null })) }
}

/** What a map says of shards: with the table that they are partitions of. */
interface KnownShards {
  readonly shards: readonly (ShardRecord & { readonly whole: string | null })[]
}

/** A shard that is sealed can be read like any other; one that is held cannot. */
const readable: ReadonlySet<string> = new Set(['live', 'sealed'])

function withLive(shardMap: ShardMap, registries: readonly KnownShards[]): ShardMap {
  const shards = registries.flatMap((registry) => registry.shards).filter(({ state }) => readable.has(state))
  const complete = (family: ShardMapFamily): ShardMapFamily => {
    if (family.division.type === 'key') return family
    const own = shards
      .filter((shard) => shard.family === family.name)
      .toSorted((one, other) => compareKeys(one.key, other.key))
    return { ...family, live: own.map(({ key }) => key), ...describePartitions(family, own) }
  }
  return { ...shardMap, families: shardMap.families.map(complete) }
}

/** Shards that are not what the header makes of new ones: the family was moved between tables and partitions. */
function describePartitions(
  { partitions }: ShardMapFamily,
  shards: KnownShards['shards'],
): Pick<ShardMapFamily, 'partitions'> {
  const table = partitions?.table ?? shards.find(({ whole }) => whole !== null)?.whole ?? null
  if (table === null) return {}
  const rule = partitions?.rule ?? false
  const except = shards.filter(({ whole }) => (whole !== null) !== rule).map(({ key }) => key)
  return { partitions: { table: shards.find(({ whole }) => whole !== null)?.whole ?? table, rule, except } }
}
