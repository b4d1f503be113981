import type { Config } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import type { Migration } from '../core/migration.ts'
import { readMigrations } from './files/read-migrations.ts'
import { findNeighbours } from './plan/database-state.ts'
import { abandonOpening, askJournals, beginOpening, type IsApplied, type OpenTargets, openTargets } from './targets.ts'

/** Reads and checks the migration files of all databases: what one needs may lie in another. */
async function readAllMigrations(
  config: Config,
  isApplied: IsApplied,
): Promise<ReadonlyMap<string, readonly Migration[]>> {
  const databases = config.databases.map(({ name, migrations: directory }) => ({ name, directory }))
  return (await readMigrations({ root: config.root, databases, isApplied })).migrations
}

/** A server that answers later than this has its files checked without it. */
const patience = 1000

/**
 * Opens the chosen databases and reads the files: those that a journal knows need not be split again. A fault of a file
 * is told before one of a server, and when there is one nothing was asked of a server but its journal. Closes the
 * databases whatever happens.
 */
export async function withTargets<T>(
  context: Context,
  access: {
    readonly writable: boolean
    readonly missing?: 'fail' | 'skip'
    /** What to do where some of the servers cannot be used. Default `fail`. */
    readonly unreached?: 'fail' | 'skip'
    /** True for a command that plans: what its migrations need, or what needs them, may lie outside `--target`. */
    readonly plans?: boolean
  },
  work: (config: Config, open: OpenTargets, migrations: ReadonlyMap<string, readonly Migration[]>) => Promise<T>,
): Promise<T> {
  const config = await context.config()
  const databases = selectDatabases(config, context.targets)
  const servers = await context.servers()
  const { plans = false, ...how } = access
  const opening = beginOpening({ config, databases, servers, writable: access.writable })
  const migrations = await readAllMigrations(config, await askJournals(opening, patience)).catch((error: unknown) => {
    abandonOpening(opening)
    throw error
  })
  const neighbours = plans ? findNeighbours(config.databases, databases, migrations) : []
  const open = await openTargets({ config, databases, neighbours, migrations, servers, opening, ...how })
  if (plans && !access.writable) warnOfDifferences(context, open)
  try {
    return await work(config, open, migrations)
  } finally {
    await open.close()
  }
}

/** Sessions that are opened to write say it themselves. */
function warnOfDifferences({ emit }: Pick<Context, 'emit'>, { targets }: OpenTargets): void {
  const differences = new Set(targets.flatMap(({ session }) => session.facts.differences))
  for (const message of differences) emit({ type: 'warning', message, target: null })
}
