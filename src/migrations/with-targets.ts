import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import { statementServers } from '../uses/ports.ts'
import { FilesAhead } from './files/files-ahead.ts'
import { migrationFolders } from './files/folder.ts'
import { readMigrations } from './files/read-migrations.ts'
import type { Migration } from './migration.ts'
import { onlineServers } from './online-changes.ts'
import type { IsApplied } from './opening.ts'
import { targetServers } from './ports.ts'
import { type OpenTargets, openWithFiles, type SeenTarget } from './targets.ts'
import { warnOfDependents } from './unreached.ts'

/**
 * Opens the chosen databases, reads the files of all databases and runs `work` with both. Closes the databases in any case. A fault of a file is reported
 * before one of a server; then servers were asked at most for their journals. A fault in the files of a database that was not chosen does not concern the
 * command.
 */
export async function withTargets<T>(
  context: Context,
  access: {
    readonly writable: boolean
    readonly missing?: 'fail' | 'skip' | 'list'
    /** What to do where some of the servers cannot be used. Default `fail`. */
    readonly unreached?: 'fail' | 'skip'
    /** The command's choice for references between databases. Default: what was recorded stays. */
    readonly references?: 'logical'
    /** True for a command that plans: what its migrations need, or what needs them, may be outside `--target`. */
    readonly plans?: boolean
    /**
     * For a command that may have nothing to do: how it ends then, or null where the journals show that something is to be done, or that only a session can tell.
     * Asks nothing and reports nothing before it is called.
     */
    readonly idle?: (config: Config, seen: readonly SeenTarget[]) => (() => Promise<T>) | null
    /** The files of all databases, where the caller has read them already: for one target among many. */
    readonly files?: ReadonlyMap<string, readonly Migration[]>
  },
  work: (config: Config, open: OpenTargets, migrations: ReadonlyMap<string, readonly Migration[]>) => Promise<T>,
): Promise<T> {
  const config = await context.config()
  const databases = selectDatabases(config, context.targets)
  const servers = await context.port(targetServers)
  const { plans = false, idle, files, ...how } = access
  const chosen = new Set(databases.map(({ name }) => name))
  const folders = migrationFolders(config)
  const ahead = files === undefined ? new FilesAhead(folders, config.root) : undefined
  const read = async (isApplied: IsApplied): Promise<ReadonlyMap<string, readonly Migration[]>> => {
    ahead?.end()
    const request = { root: config.root, databases: folders, isApplied, chosen, ...(ahead && { ahead }) }
    return files ?? (await readMigrations(request)).migrations
  }
  const ending = idle === undefined ? {} : { idle: (seen: readonly SeenTarget[]) => idle(config, seen) }
  const begun = await openWithFiles({ config, databases, servers, plans, read, ...how, ...ending })
  const { targets } = begun.type === 'idle' ? begun : begun.open
  try {
    if (plans && !access.writable) warnOfDifferences(context, targets)
    if (begun.type === 'idle') return await begun.idle()
    const { open, migrations } = begun
    for (const message of warnOfDependents(open.unreached)) context.emit({ type: 'warning', message, target: null })
    return await work(
      config,
      plans ? { ...open, live: () => context.port(statementServers), online: () => context.port(onlineServers) } : open,
      migrations,
    )
  } finally {
    await (begun.type === 'idle' ? begun : begun.open).close()
  }
}

/** Sessions that are opened for writing report it themselves. */
function warnOfDifferences({ emit }: Pick<Context, 'emit'>, targets: readonly SeenTarget[]): void {
  const differences = new Set(targets.flatMap(({ session }) => session.facts.differences))
  for (const message of differences) emit({ type: 'warning', message, target: null })
}
