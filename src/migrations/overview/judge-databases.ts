import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { SchemaScope } from '../../ddl/snapshot.ts'
import { findAside, hasEnded } from '../../schema/drift/find-held.ts'
import { countDiffering, judgeDrift, judgeUneven } from '../../schema/drift.ts'
import { compareWithRecord } from '../../schema/recorded-drift.ts'
import { listInUse } from '../../shards/family-view.ts'
import { type FanOutPlace, fanOutServices, withFanOutPlace } from '../../shards/fan-out/services.ts'
import { shardServers } from '../../shards/ports.ts'
import { readScope } from '../../shards/schema-scope.ts'
import type { ShardRecord } from '../../shards/shard.ts'
import { findRunsUnderWay, lookAtRun } from '../find-run.ts'
import type { HeldName } from '../journal/held-name.ts'
import { readStates } from '../journal/journal.ts'
import type { MigrationStatus, ShardProgress, TargetStatus } from '../journal/status.ts'
import { describeMigrations, describePending, judgeTarget, markRunning } from '../journal/status.ts'
import type { Migration } from '../migration.ts'
import { onlineServers } from '../online-changes.ts'
import { snapshotOptions } from '../record-schema.ts'
import { listRetired } from '../retired-records.ts'
import { describeStale } from '../stale-schema.ts'
import type { OpenTarget, OpenTargets } from '../targets.ts'
import { listUnreached } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'

/** The databases of a configuration as `status` sees them. */
export interface JudgedDatabases {
  /** In the order of the configuration, as runs list them; without those that were not reached. */
  readonly databases: readonly Judged[]
  readonly unreached: readonly UnreachedTarget[]
}

/**
 * Compares the files of every database with its journal, and its schema with its record. Writes nothing. Throws like `withTargets`, also where no database was reached. @param journalsAlone does not read the schemas, which are most of the work: then nothing is known about drift and held tables
 */
export function judgeDatabases(context: Context, journalsAlone = false): Promise<JudgedDatabases> {
  const access = { writable: false, missing: 'skip', unreached: 'skip' } as const
  return withTargets(context, access, async (config, open, migrations) => {
    let scope: Promise<SchemaScope> | undefined
    const scopeOfAll = (): Promise<SchemaScope> => {
      scope ??= readScope(config)
      return scope
    }
    const present = await Promise.all(
      open.targets.map((target) => judgePresent(context, config, target, journalsAlone ? null : scopeOfAll)),
    )
    const order = config.databases.map(({ name }) => name)
    const placeOf = ({ status }: Judged): number => order.indexOf(status.target.database)
    const databases = [...present, ...judgeAbsent(open, migrations)].sort((a, b) => placeOf(a) - placeOf(b))
    return { databases, unreached: listUnreached(open.unreached) }
  })
}

/** True where something is pending, in progress or wrong: then `--exit-code` gives 1. */
export function isUnfinished({ pending, running, status }: Judged): boolean {
  return pending + running + status.findings.length > 0
}

/** One database. */
export interface Judged {
  readonly status: TargetStatus
  /** Migrations that `migrate` would apply. */
  readonly pending: number
  readonly running: number
}

async function judgePresent(
  context: Context,
  config: Config,
  opened: OpenTarget,
  scopeOfAll: (() => Promise<SchemaScope>) | null,
): Promise<Judged> {
  const { run, target } = await lookAtRun(context, config, opened)
  const described = await addShardProgress(context, config, target, describeMigrations(target))
  const migrations = run === null ? described : markRunning(described, target, run)
  const runs = run === null ? await findRunsUnderWay(opened) : []
  const { pending, findings } = judgeTarget(target, config.outOfOrder)
  const { drift, stale, held } = scopeOfAll === null ? unseen : await countDrift(context, config, target, scopeOfAll)
  const begun = scopeOfAll === null ? [] : await findBegunDrops(context, config, target)
  const retired = scopeOfAll === null ? [] : await listRetired(target, context.now())
  const running = migrations.filter(({ state }) => state === 'running').map(({ version }) => version)
  return {
    status: {
      target: target.session.target,
      serverVersion: target.session.facts.version,
      ...(target.session.keyspace === undefined ? {} : { keyspace: target.session.keyspace }),
      ...(target.session.facts.isReadOnly ? { readOnly: true as const } : {}),
      schemaExists: true,
      migrations,
      ...(running.length === 0 || run === null ? {} : { run }),
      ...(runs.length === 0 ? {} : { runs }),
      ...(held.length === 0 ? {} : { held }),
      ...(retired.length === 0 ? {} : { retired }),
      ...(drift === null ? {} : { drift }),
      findings: [...stale, ...begun, ...findings],
    },
    pending: [...pending].filter((version) => !running.includes(version)).length,
    running: running.length,
  }
}

/**
 * From the schema compared with its record: how many objects differ, whether it is older than the journal, and which tables
 * are held.
 */
interface SeenSchema {
  readonly drift: number | null
  readonly stale: readonly Fault[]
  readonly held: readonly HeldName[]
}

const unseen: SeenSchema = { drift: null, stale: [], held: [] }

/** Not shown where nothing is recorded, or the schema cannot be read: that does not hide migrations. */
async function countDrift(
  context: Context,
  config: Config,
  target: OpenTarget,
  scopeOfAll: () => Promise<SchemaScope>,
): Promise<SeenSchema> {
  if (!target.snapshot.exists) return unseen
  try {
    const options = snapshotOptions(config.databases, target.database, await scopeOfAll())
    const found = await compareWithRecord(target, options)
    if (found === null) return unseen
    const stale = found.stale.length === 0 ? [] : [describeStale(found.target, found.stale)]
    const now = context.now()
    const aside = await findAside(found.target, found.reading, config.drift.grace, () => context.port(onlineServers))
    // What a migration retired is listed with its columns and indexes.
    const kept = aside.filter(({ isRetired }) => isRetired !== true)
    const held = kept.map(
      ({ name, until, change, undo }): HeldName => ({
        name,
        until,
        isDue: hasEnded({ until, ...(undo === undefined ? {} : { undo }) }, now),
        isOnline: change !== null,
        ...(undo === undefined ? {} : { undo: true }),
      }),
    )
    if (found.isUnknown) return { drift: null, stale, held }
    const today = new Date(now).toISOString().slice(0, 10)
    const { name } = target.database
    const { differences } = judgeDrift(name, found.differences, config.drift, today)
    const count = countDiffering({ differences, uneven: judgeUneven(name, found.uneven, config.drift, today) })
    // Only `drift` says which of a killed run's changes were made by hand.
    return { drift: count === 0 && found.isPartial ? null : count, stale, held }
  } catch (error) {
    if (error instanceof ToolError) return unseen
    throw error
  }
}

/** Drops that a run has carried out on some shards of a keyspace: only a rotation with the template of the family ends them, so they are named also where it is gone. */
async function findBegunDrops(context: Context, config: Config, { database }: OpenTarget): Promise<readonly Fault[]> {
  if (database.vitess === undefined) return []
  try {
    const store = await (await context.port(shardServers)).open(database, config.timeouts, false)
    try {
      const { shards } = await store.readRegistry()
      if (!shards.some(({ state }) => state === 'dropping')) return []
      await store.listTables()
      return [...(await store.settle()).values()].flatMap(({ faults }) => faults)
    } finally {
      await store.close()
    }
  } catch (error) {
    if (error instanceof ToolError) return error.faults
    throw error
  }
}

/** Databases whose schemas do not exist yet. */
function judgeAbsent(
  { missing }: OpenTargets,
  migrations: ReadonlyMap<string, readonly Migration[]>,
): readonly Judged[] {
  return missing.map((database) => {
    const { name, schema, server } = database
    const pending = describePending(migrations.get(name) ?? [])
    const target = { database: name, schema, server: server.label }
    return {
      status: { target, serverVersion: null, schemaExists: false, migrations: pending, findings: [] },
      pending: pending.length,
      running: 0,
    }
  })
}

/** Adds to migrations of shards that stopped half way how many shards have them. Asks nothing where there are none. */
async function addShardProgress(
  context: Context,
  config: Config,
  target: OpenTarget,
  migrations: readonly MigrationStatus[],
): Promise<readonly MigrationStatus[]> {
  const stopped = new Set(migrations.filter(({ state }) => state === 'partial').map(({ version }) => version))
  const onShards = target.all.filter((one) => one.shards !== undefined && stopped.has(one.version))
  if (onShards.length === 0) return migrations
  const services = fanOutServices(context, config, { probe: false })
  return withFanOutPlace(services, target.database, config.timeouts, null, async (place) => {
    const progress = new Map(
      await Promise.all(onShards.map(async (one) => [one.version, await readProgress(place, one)] as const)),
    )
    return migrations.map((status) => {
      const shards = progress.get(status.version) ?? null
      return shards === null ? status : { ...status, shards }
    })
  })
}

/** How many shards of its family have a migration that stopped half way; null where it has not begun with any. */
async function readProgress(
  { store, ledger }: FanOutPlace,
  { version, shards: family }: Migration,
): Promise<ShardProgress | null> {
  const changes = await ledger.readChanges()
  const change = changes.findLast((one) => one.family === family && one.migration === version)
  if (change === undefined || family === undefined) return null
  const standing = listInUse(await store.readRegistry(), family)
  // The registry records completed shards in batches: a killed run left the last ones only in the ledger.
  const { states } = readStates({ ...(await ledger.read([version])), settings: new Map() })
  const through = change.direction === 'up' ? 'applied' : 'pending'
  const isDone = ({ key, templateVersion }: ShardRecord): boolean =>
    templateVersion >= change.version || states.get(`${version}/${key}`)?.type === through
  return {
    done: standing.filter(isDone).length,
    total: standing.length,
  }
}
