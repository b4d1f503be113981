import type { Config } from '../config/config.ts'
import type { Migration } from '../domain/migration.ts'
import { findNeighbours } from '../engine/neighbours.ts'
import { type OpenTargets, openTargets } from '../engine/targets.ts'
import { readMigrations } from '../sources/read-migrations.ts'
import type { Context } from './context.ts'
import { selectDatabases } from './selected-databases.ts'

/** Reads and checks the migration files of all databases: what one needs may lie in another. */
async function readAllMigrations(config: Config): Promise<ReadonlyMap<string, readonly Migration[]>> {
  const databases = config.databases.map(({ name, migrations: directory }) => ({ name, directory }))
  return (await readMigrations({ root: config.root, databases })).migrations
}

/** Reads the files, then opens the chosen databases; closes them whatever happens. */
export async function withTargets<T>(
  context: Context,
  access: {
    readonly writable: boolean
    readonly missing?: 'fail' | 'skip'
    /** True for a command that plans: what its migrations need, or what needs them, may lie outside `--target`. */
    readonly plans?: boolean
  },
  work: (config: Config, open: OpenTargets, migrations: ReadonlyMap<string, readonly Migration[]>) => Promise<T>,
): Promise<T> {
  const config = await context.config()
  const databases = selectDatabases(config, context.targets)
  const migrations = await readAllMigrations(config)
  const { plans = false, ...how } = access
  const neighbours = plans ? findNeighbours(config.databases, databases, migrations) : []
  const servers = await context.servers()
  const open = await openTargets({ config, databases, neighbours, migrations, servers, ...how })
  try {
    return await work(config, open, migrations)
  } finally {
    await open.close()
  }
}
