import type { DatabaseConfig } from '../config/config.ts'
import { selectDatabases } from '../config/selected-databases.ts'
import type { Context } from '../core/context.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import { displayPath } from '../migrations/files/folder.ts'
import { inspectMigrations } from '../migrations/files/read-migrations.ts'
import type { InspectionRequest, KnownNames } from './inspect/request.ts'
import { renderShard } from './render-shard.ts'
import { longestPauseOf, noFamilies } from './rotation-request.ts'
import { selectFamilies } from './selected-families.ts'
import { readFamilies } from './templates/read-families.ts'

/** A project's families, those asked for, and the databases that these are in. */
export interface ShardProject {
  readonly request: Omit<InspectionRequest, 'scratch'>
  readonly chosen: readonly ShardFamily[]
  readonly databases: readonly DatabaseConfig[]
}

/**
 * Reads what a command that looks at shards needs.
 * @param names families by `--family`; all without one
 * Throws ToolError `TEMPLATES_INVALID`, `NO_FAMILIES`, `UNKNOWN_FAMILY` (64), `UNKNOWN_TARGET` (64).
 */
export async function readShardProject(context: Context, names: readonly string[]): Promise<ShardProject> {
  const config = await context.config()
  const families = await readFamilies(config)
  if (families.length === 0) throw noFamilies(config)
  const selected = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const chosen = selectFamilies(families, names).filter(({ database }) => selected.has(database))
  const schemas = new Map(config.databases.map(({ name, schema }) => [name, schema]))
  const request: ShardProject['request'] = {
    config,
    families,
    only: names.length === 0 ? null : new Set(chosen.map(({ name }) => name)),
    servers: await context.shardServers(),
    now: context.now,
    longestPause: longestPauseOf(config),
    render: (family, shard) => renderShard(family, shard, { schemas, families }),
    readKnown: async (database) => readMadeTables(config.root, config.databases, database),
  }
  const databases = config.databases.filter(({ name }) => chosen.some(({ database }) => database === name))
  return { request, chosen, databases }
}

/**
 * Names of the tables that the migrations of a database name. All migrations are read, as their placeholders name other databases.
 * A file with a fault hides nothing of the shards: what it makes is not known then, and that is a sentence of the answer.
 */
async function readMadeTables(root: string, all: readonly DatabaseConfig[], database: string): Promise<KnownNames> {
  const folders = all.map(({ name, migrations: directory }) => ({ name, directory }))
  try {
    const { migrations, faults } = await inspectMigrations({ root, databases: folders })
    const scripts = (migrations.get(database) ?? []).flatMap(({ up }) => (up.type === 'statements' ? [up] : []))
    const objects = scripts.flatMap(({ statements }) => statements.flatMap((statement) => statement.objects))
    const tables = new Set(objects.filter(({ type }) => type === 'table').map(({ name }) => name.toLowerCase()))
    const folder = folders.find(({ name }) => name === database)?.directory ?? root
    const own = faults.find(({ where }) => where?.file?.startsWith(displayPath(root, folder)) === true)
    return { tables, doubt: own === undefined ? null : describeUnread(database, own.what) }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { tables: new Set(), doubt: describeUnread(database, error.message) }
  }
}

function describeUnread(database: string, what: string): string {
  return (
    `The migrations of ${database} have a fault, so a table that they make may be listed as unexpected: ${what} ` +
    '`wwdb validate` shows it.'
  )
}
