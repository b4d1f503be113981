import type { DatabaseConfig } from '../config/config.ts'
import type { ShardFamily } from '../domain/shards/family.ts'
import type { InspectionRequest } from '../engine/shards/inspect/request.ts'
import type { ShardStore } from '../engine/shards/ports.ts'
import { renderShard } from '../engine/shards/render-shard.ts'
import { Slots } from '../engine/slots.ts'
import { readFamilies } from '../sources/read-families.ts'
import { readMigrations } from '../sources/read-migrations.ts'
import type { Context } from './context.ts'
import { noFamilies } from './rotation-request.ts'
import { selectDatabases } from './selected-databases.ts'
import { selectFamilies } from './selected-families.ts'

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
    render: (family, shard) => renderShard(family, shard, { schemas, families }),
    readKnown: async (database) => readMadeTables(config.root, config.databases, database),
  }
  const databases = config.databases.filter(({ name }) => chosen.some(({ database }) => database === name))
  return { request, chosen, databases }
}

/** Names, in lower case, of the tables that the migrations of a database name. */
async function readMadeTables(
  root: string,
  all: readonly DatabaseConfig[],
  database: string,
): Promise<ReadonlySet<string>> {
  const databases = all
    .filter(({ name }) => name === database)
    .map(({ name, migrations }) => ({ name, directory: migrations }))
  const { migrations } = await readMigrations({ root, databases })
  const scripts = (migrations.get(database) ?? []).flatMap(({ up }) => (up.type === 'statements' ? [up] : []))
  const objects = scripts.flatMap(({ statements }) => statements.flatMap((statement) => statement.objects))
  return new Set(objects.filter(({ type }) => type === 'table').map(({ name }) => name.toLowerCase()))
}

/** Looks at each database on connections of its own, several at once; answers in the order of the configuration. */
export function lookAtEach<T>(
  { request: { config, servers }, databases }: ShardProject,
  look: (store: ShardStore, database: DatabaseConfig) => Promise<T>,
): Promise<readonly T[]> {
  const slots = new Slots(config.concurrency)
  return Promise.all(
    databases.map(async (database) => {
      await slots.take()
      try {
        const store = await servers.open(database, config.timeouts, false)
        return await look(store, database).finally(() => store.close())
      } finally {
        slots.give()
      }
    }),
  )
}

/** Changes each database under its lock, one after another. Throws ToolError `LOCK_HELD` (75), `READ_ONLY`. */
export async function changeEach<T>(
  { request, databases }: ShardProject,
  { emit }: Pick<Context, 'emit'>,
  change: (store: ShardStore, database: DatabaseConfig) => Promise<T>,
): Promise<readonly T[]> {
  const { timeouts } = request.config
  const changed: T[] = []
  for (const database of databases) {
    const store = await request.servers.open(database, timeouts, true)
    try {
      const { target } = store
      await store.lock(timeouts.lock, (holder, milliseconds) =>
        emit({ type: 'lock-waiting', target, holder, milliseconds }),
      )
      changed.push(await change(store, database))
      await store.unlock()
    } finally {
      await store.close()
    }
  }
  return changed
}
