import { longestInterval, readCron } from '../calendar/cron.ts'
import type { Context } from '../command/context.ts'
import type { Config, DatabaseConfig } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import { closestName } from '../core/closest-name.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { isCalled, type ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import { Slots } from '../migrations/execute/work.ts'
import { displayPath } from '../migrations/files/folder.ts'
import { inspectMigrations } from '../migrations/files/read-migrations.ts'
import { schemasOf } from '../migrations/plan/placeholders.ts'
import type { InspectionRequest, KnownNames } from './inspect/view-target.ts'
import type { UnseenTarget } from './inspection.ts'
import { keepPartitions } from './partitions/keeper.ts'
import { type ShardStore, shardServers } from './ports.ts'
import { namingOf, renderShard } from './render-shard.ts'
import { readFamilies } from './templates/read-families.ts'

/** A project's families, the requested ones, and the databases of these. */
export interface ShardProject {
  readonly request: Omit<InspectionRequest, 'scratch'>
  readonly chosen: readonly ShardFamily[]
  readonly databases: readonly DatabaseConfig[]
  /** Keyspaces in which no family is left, where all families are chosen: a run may have begun something there. */
  readonly left: readonly DatabaseConfig[]
}

/**
 * Reads what a command about shards needs. @param names families by `--family`; all without one @param mayBeEmpty whether a project without a template is no error yet Throws ToolError `TEMPLATES_INVALID`, `NO_FAMILIES`, `UNKNOWN_FAMILY` (64), `UNKNOWN_TARGET` (64).
 */
export async function readShardProject(
  context: Context,
  names: readonly string[],
  mayBeEmpty = false,
): Promise<ShardProject> {
  const config = await context.config()
  const selected = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const families = await readFamilies({ ...config, chosen: selected })
  if (families.length === 0 && !(mayBeEmpty && names.length === 0)) throw noFamilies(config)
  const chosen = selectFamilies(families, names).filter(({ database }) => selected.has(database))
  const schemas = schemasOf(config)
  const request: ShardProject['request'] = {
    config,
    families,
    only: names.length === 0 ? null : new Set(chosen.map(({ name }) => name)),
    servers: keepPartitions(await context.port(shardServers), () => families),
    now: context.now,
    longestPause: longestPauseOf(config),
    render: (family, shard) => renderShard(family, shard, { schemas, families }),
    readKnown: async (database) => readMadeTables(config.root, config.databases, database),
  }
  const databases = config.databases.filter(({ name }) => chosen.some(({ database }) => database === name))
  const isLeft = ({ name, vitess }: DatabaseConfig): boolean =>
    vitess !== undefined && selected.has(name) && !families.some(({ database }) => database === name)
  return { request, chosen, databases, left: names.length === 0 ? config.databases.filter(isLeft) : [] }
}

/**
 * Names of the tables that the migrations of a database name. All migrations are read, because their placeholders name other
 * databases. A faulty file does not hide shards: what it creates is unknown, and the answer says so.
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
    `The migrations of \`${database}\` have an error, so a table that they create may be reported as unexpected: ${what} ` +
    '`wwdb validate` shows it.'
  )
}

/** Three missed runs are an outage, and so is a week. Milliseconds. */
const shortestPause = 7 * 86_400_000

/** The error of a command for shards in a project that has none. */
export function noFamilies({ file }: Config): ToolError {
  return new ToolError('NO_FAMILIES', {
    what: 'There are no shard families.',
    ...(file === null ? {} : { where: { file } }),
    why: 'A family is a file `shard-templates/<database>/<family>.sql`.',
    next: 'Write a template, and try it with `wwdb template check`.',
  })
}

/** Milliseconds. */
export function longestPauseOf({ rotation }: Config): number {
  const cron = rotation.schedule === null ? null : readCron(rotation.schedule)
  return cron?.type === 'cron' ? Math.max(shortestPause, 3 * longestInterval(cron.fields)) : shortestPause
}

/** The families with these names, in the order of the templates; all where there is no name. Throws ToolError `UNKNOWN_FAMILY` (64). */
export function selectFamilies(families: readonly ShardFamily[], names: readonly string[]): readonly ShardFamily[] {
  const known = families.map((family) => family.name)
  const isAsked = (family: ShardFamily): boolean => names.some((name) => isCalled(family, name))
  const faults = names
    .filter((name) => !families.some((family) => isCalled(family, name)))
    .map((name) => {
      const meant = closestName(name, known)
      const list = known.length === 0 ? 'There is no shard template.' : `The families are \`${known.join('`, `')}\`.`
      return {
        what: `The shard family ${JSON.stringify(name)} does not exist.`,
        why: 'It was given with `--family`.',
        next: meant === null ? list : `Did you mean \`${meant}\`?`,
      }
    })
  if (faults.length > 0) throw new ToolError('UNKNOWN_FAMILY', faults, { exitCode: exitCodes.usage })
  return names.length === 0 ? families : families.filter(isAsked)
}

/**
 * Refuses typed keys that are not valid for the family, before any server is asked. An invalid key is a mistake in the
 * command line. Throws ToolError `KEY_INVALID` (64) with a fault for each of them.
 */
export function requireKeys(family: ShardFamily, keys: readonly string[]): void {
  const naming = namingOf(family)
  const faults = keys.flatMap((key) => {
    try {
      naming.name(key)
      return []
    } catch (error) {
      if (error instanceof ToolError) return error.faults
      throw error
    }
  })
  if (faults.length > 0) throw new ToolError('KEY_INVALID', faults, { exitCode: exitCodes.usage })
}

/** Work on the shards of one database. */
type Work<T> = (store: ShardStore, database: DatabaseConfig) => Promise<T>

/** What was read of a project's databases. */
export interface DatabaseAnswers<T> {
  readonly seen: readonly T[]
  readonly unseen: readonly UnseenTarget[]
  /** The fault of the first database that could not be read; null when all were. */
  readonly exitCode: ExitCode | null
}

type Outcome<T> =
  | { readonly type: 'seen'; readonly answer: T }
  | { readonly type: 'unseen'; readonly database: DatabaseConfig; readonly error: ToolError }

/** Reads each database on its own connections, several in parallel; answers in the order of the configuration. */
export async function readDatabases<T>(project: ShardProject, look: Work<T>): Promise<readonly T[]> {
  const { seen, error } = sort(await settleAll(project, look))
  if (error !== null) throw error
  return seen
}

/**
 * The same, but a database that cannot be read does not hide the answers of the others. Throws ToolError, that of the
 * first, where none could be read.
 */
export async function readReachable<T>(project: ShardProject, look: Work<T>): Promise<DatabaseAnswers<T>> {
  return toLooks(await settleAll(project, look))
}

/**
 * Changes each database under its lock, one after another. A failure does not undo the changes in the others. Throws like
 * `readReachable`.
 */
export async function changeReachable<T>(
  { request, databases }: ShardProject,
  { emit }: Pick<Context, 'emit'>,
  change: Work<T>,
): Promise<DatabaseAnswers<T>> {
  const { timeouts } = request.config
  const outcomes: Outcome<T>[] = []
  for (const database of databases) {
    const changing = async (): Promise<T> => {
      const store = await request.servers.open(database, timeouts, true)
      try {
        const { target } = store
        await store.lock(timeouts.lock, (holder, milliseconds) =>
          emit({ type: 'lock-waiting', target, holder, milliseconds }),
        )
        const changed = await change(store, database)
        await store.unlock()
        return changed
      } finally {
        await store.close()
      }
    }
    outcomes.push(await settle(database, changing))
  }
  return toLooks(outcomes)
}

function settleAll<T>(
  { request: { config, servers }, databases }: ShardProject,
  look: Work<T>,
): Promise<readonly Outcome<T>[]> {
  const slots = new Slots(config.concurrency)
  const looking = async (database: DatabaseConfig): Promise<T> => {
    await slots.take()
    try {
      const store = await servers.open(database, config.timeouts, false)
      return await look(store, database).finally(() => store.close())
    } finally {
      slots.give()
    }
  }
  return Promise.all(databases.map((database) => settle(database, () => looking(database))))
}

/** Rethrows anything but a ToolError: a defect is not an answer about a database. */
async function settle<T>(database: DatabaseConfig, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { type: 'seen', answer: await work() }
  } catch (error) {
    if (error instanceof ToolError) return { type: 'unseen', database, error }
    throw error
  }
}

function sort<T>(outcomes: readonly Outcome<T>[]): {
  readonly seen: readonly T[]
  readonly unseen: readonly UnseenTarget[]
  readonly error: ToolError | null
} {
  const failed = outcomes.flatMap((outcome) => (outcome.type === 'unseen' ? [outcome] : []))
  return {
    seen: outcomes.flatMap((outcome) => (outcome.type === 'seen' ? [outcome.answer] : [])),
    unseen: failed.map(({ database: { name, schema, server }, error }) => ({
      target: { database: name, schema, server: server.label },
      fault: error.faults[0] ?? { what: error.message },
      code: error.code,
    })),
    error: failed[0]?.error ?? null,
  }
}

function toLooks<T>(outcomes: readonly Outcome<T>[]): DatabaseAnswers<T> {
  const { seen, unseen, error } = sort(outcomes)
  if (error !== null && seen.length === 0) throw error
  return { seen, unseen, exitCode: error?.exitCode ?? null }
}
