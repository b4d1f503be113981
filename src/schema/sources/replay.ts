import type { Context } from '../../command/context.ts'
import type { TargetOutcome } from '../../command/result.ts'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { SchemaScope, SchemaSnapshot } from '../../ddl/snapshot.ts'
import { hazardCodes } from '../../lint/hazard-codes.generated.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import { refuseReachingOut } from '../../migrations/plan/refuse-outside.ts'
import { runTargets } from '../../migrations/run-targets.ts'
import { describeUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { findScope } from '../../shards/schema-scope.ts'
import { leaveServerAlone } from '../leave-server.ts'
import { type SchemaServers, type ScratchSchemas, schemaServers, type TableRows, type UnshownFacts } from '../ports.ts'
import { openReplayCache } from '../replay-cache.ts'
import { databasesOf, findReplayKey } from '../replay-key.ts'
import { findReach, withoutUntried } from '../replay-reach.ts'
import { readOne, type SourcedSchema, type SourceReading } from './read-live.ts'
import { readVschemasOfFiles } from './vschema-of-files.ts'

/** Fills scratch schemas; returns what it could not fill. */
export type Fill = (config: Config, scratch: ScratchSchemas) => Promise<readonly UnreachedTarget[]>

/** How scratch schemas are created and read. */
interface ScratchRequest {
  readonly servers: SchemaServers
  readonly config: Config
  readonly scope: SchemaScope
  /** The character sets that they begin with: migrations begin with those that the schemas had first. */
  readonly begin: 'first' | 'present'
}

/** Fills scratch schemas, reads those of the named databases, and drops them. */
export async function replay(request: ScratchRequest, names: readonly string[], fill: Fill): Promise<SourceReading> {
  const { config } = request
  return withScratch(request, async (scratch, inside, read) => {
    const unreached = (await fill(inside, scratch)).map((one) => withOwnSchema(one, config))
    const lacking = new Set(unreached.map(({ target }) => target.database))
    const present = scratch.databases.filter(({ name }) => names.includes(name) && !lacking.has(name))
    return {
      schemas: (await Promise.all(present.map(read))).map((one) => ({ ...one, leftOut: null })),
      unreached: unreached.filter(({ target }) => names.includes(target.database)),
    }
  })
}

/** The migrations that run in scratch schemas, and whether their earlier result may be taken from the user's cache. */
export interface ReplayRequest {
  /** The folders of the files may differ from the project's. */
  readonly config: Config
  /** The steps that run, by name; null for all. */
  readonly only: ReadonlySet<string> | null
  readonly isFresh: boolean
}

/**
 * The result of migrations in scratch schemas. The same files on servers with the same version and settings give the same result: it is kept in the user's
 * cache, and then no scratch schema is created.
 */
export async function replayMigrations(
  context: Context,
  servers: SchemaServers,
  request: ReplayRequest,
): Promise<SourceReading> {
  const { only, isFresh } = request
  const config = await withoutUntried(request.config, context.targets)
  const cache = openReplayCache(context.process.variables)
  const reach = await findReachOf(only, config, context)
  const key = cache === null ? null : await findReplayKey(servers, config, only, reach, context.process.toolVersion)
  const kept = key === null || isFresh ? null : (cache?.read(key) ?? null)
  const scope = await findScope({ ...config, ...(reach !== null && { chosen: reach }) })
  // For a database without a step, the initial schema is read, too.
  const all = config.databases.map(({ name }) => name).filter((name) => only !== null || reach?.has(name) !== false)
  const made =
    kept === null
      ? await replay({ servers, config, scope: ownTables, begin: 'first' }, all, (inside, scratch) =>
          runMigrations(context, inside, only, reach, listUnfilled(scratch)),
        )
      : { schemas: toSchemas(config, kept), unreached: [] }
  const isWhole = made.unreached.length === 0 && made.schemas.every(({ hidden }) => hidden.length === 0)
  if (kept === null && key !== null && isWhole) {
    const snapshots = made.schemas.map(({ snapshot }) => snapshot)
    cache?.write(key, snapshots)
  }
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  // No scratch schema has a VSchema: what the files make of one is read from their texts.
  const vschemas = await readVschemasOfFiles(request.config, only)
  const withVschema = (one: SourcedSchema): SourcedSchema => {
    const vschema = vschemas.get(one.database.name)
    return vschema === undefined ? one : { ...one, snapshot: { ...one.snapshot, vschema } }
  }
  return {
    schemas: made.schemas
      .filter(({ database }) => chosen.has(database.name))
      .map((one) => withVschema(limit(one, scope))),
    unreached: made.unreached.filter(({ target }) => chosen.has(target.database)),
  }
}

/** The databases whose migrations run, so that a fault in the files of others stops nothing; null for all. */
async function findReachOf(
  only: ReadonlySet<string> | null,
  config: Config,
  { targets }: Context,
): Promise<ReadonlySet<string> | null> {
  const own = only === null ? undefined : databasesOf(only).chosen
  if (own === undefined) return findReach(config, targets)
  return new Set(config.databases.flatMap(({ name }) => (own.has(name) ? [name] : [])))
}

function toSchemas({ databases }: Config, kept: readonly SchemaSnapshot[]): readonly SourcedSchema[] {
  return databases.flatMap((database): readonly SourcedSchema[] => {
    const snapshot = kept.find((one) => one.database === database.name)
    return snapshot === undefined ? [] : [{ database, snapshot, hidden: [], leftOut: null }]
  })
}

/**
 * The cached result is valid for every configuration: objects that the configuration leaves out are removed afterwards.
 */
const ownTables: SchemaScope = (_, { name, table }) => (table ?? name).toLowerCase().startsWith('wwdb_')

function limit(schema: SourcedSchema, scope: SchemaScope): SourcedSchema {
  const { name } = schema.database
  const objects = schema.snapshot.objects.filter(
    (object) => !scope(name, { type: object.type, name: object.name, table: 'table' in object ? object.table : null }),
  )
  return { ...schema, snapshot: { ...schema.snapshot, objects } }
}

/** A scratch schema's name means nothing to a person. */
function withOwnSchema({ target, ...others }: UnreachedTarget, { databases }: Config): UnreachedTarget {
  const own = databases.find(({ name }) => name === target.database)
  return { ...others, target: { ...target, schema: own?.schema ?? target.schema } }
}

/** The databases whose servers were not reached, as an answer lists them. */
export function listUnfilled({ unreached }: ScratchSchemas): readonly UnreachedTarget[] {
  return unreached.map(describeUnreached)
}

type ReadDatabase = (database: DatabaseConfig) => Promise<SourcedSchema>

/** Creates scratch schemas for all databases, and drops them when the work is done. */
async function withScratch<T>(
  { servers, config, scope, begin }: ScratchRequest,
  work: (scratch: ScratchSchemas, inside: Config, read: ReadDatabase) => Promise<T>,
): Promise<T> {
  const scratch = await servers.openScratch(config.databases, config.timeouts, begin)
  try {
    const inside: Config = { ...config, databases: scratch.databases }
    const around = [...config.databases, ...scratch.databases]
    return await work(scratch, inside, (database) => readOne(servers, inside, around, database, scope))
  } finally {
    await scratch.close()
  }
}

/** A database with its remaining rows, and with what its snapshot does not show. */
export interface ReplayedSchema extends SourcedSchema, UnshownFacts {
  readonly rows: readonly TableRows[]
}

/**
 * Runs migrations in scratch schemas and reads all databases after each group of them. @param given its folders of files may differ from the project's @param groups the steps that run, by name, one group after the other; null for all remaining ones @param isLeft whether foreign keys are dropped that may leave an index
 */
export async function replaySteps(
  context: Context,
  given: Config,
  groups: readonly (ReadonlySet<string> | null)[],
  isLeft: boolean,
): Promise<readonly (readonly ReplayedSchema[])[]> {
  const config = await withoutUntried(given, context.targets)
  const servers = await context.port(schemaServers)
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  return withScratch(
    { servers, config, scope: await findScope({ ...config, chosen }), begin: 'first' },
    async (scratch, inside, read) => {
      const outcomes: (readonly ReplayedSchema[])[] = []
      for (const only of groups) {
        const own = await findReachOf(only, config, context)
        const [lacking] = await runMigrations(context, inside, only, own, listUnfilled(scratch))
        if (lacking !== undefined) throw new ToolError(lacking.code, lacking.fault, { exitCode: exitCodes.unreachable })
        const replayed: ReplayedSchema[] = []
        for (const schema of await Promise.all(scratch.databases.map(read))) {
          const rows = await scratch.readRows(schema.snapshot)
          replayed.push({ ...schema, ...(await scratch.readUnshown(schema.snapshot, isLeft)), rows })
        }
        outcomes.push(replayed)
      }
      return outcomes
    },
  )
}

/**
 * Runs the migrations of all databases with the ordinary run: one database may need another. Returns the databases that were not reached, and those
 * whose migrations need one of them.
 * @param only the steps that run, by name; null for all
 * @param reach the databases whose migrations run; null for all
 * @param unfilled the databases that have no scratch schema, because their servers were not reached
 */
async function runMigrations(
  context: Context,
  config: Config,
  only: ReadonlySet<string> | null,
  reach: ReadonlySet<string> | null,
  unfilled: readonly UnreachedTarget[],
): Promise<readonly UnreachedTarget[]> {
  const inside: Context = {
    ...context,
    targets: [...(reach ?? [])],
    config: async () => config,
    confirm: async () => undefined,
    emit: () => undefined,
  }
  const options = { direction: 'up', to: null, steps: null, probe: false, allow: [...hazardCodes] } as const
  const { result, exitCode } = await withTargets(
    inside,
    { writable: true, plans: true, unreached: 'skip' },
    async (_, open) => {
      const all = open.targets.flatMap((target) => target.all)
      const run = all.filter(({ database, version }) => only?.has(`${database}/${version}`) !== false)
      await refuseReachingOut(
        run.map(({ up }) => up),
        schemasOf(config),
      )
      const quiet = { ...open, targets: open.targets.map(leaveServerAlone) }
      return runTargets(inside, config, quiet, {
        ...options,
        ...(only !== null && { only }),
        shards: shardSteps(inside, config, options),
        command: 'migrate',
        records: false,
        dryRun: false,
        confirm: async () => undefined,
      })
    },
  )
  if (exitCode === exitCodes.done) return unfilled
  const outcomes = result.kind === 'run' ? result.outcomes : []
  const known = new Set(unfilled.map(({ target }) => target.database))
  const left = outcomes.filter(({ target }) => !known.has(target.database)).flatMap(toLeftOut)
  const failures = outcomes.filter(({ state }) => !wholeStates.has(state))
  if (exitCode === exitCodes.unreachable && failures.length === 0) return [...unfilled, ...left]
  const faults = failures.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const code = failures.find((failure) => failure.code !== null)?.code ?? 'STOPPED'
  const stopped = { what: 'The migrations were stopped before the schema was complete in scratch schemas.' }
  throw new ToolError(code, faults.length === 0 ? stopped : faults, { exitCode })
}

const wholeStates: ReadonlySet<TargetOutcome['state']> = new Set(['done', 'nothing-to-do', 'not-reached', 'blocked'])

/** A database whose schema was created in part, or not at all. */
function toLeftOut({ target, state, code, fault }: TargetOutcome): readonly UnreachedTarget[] {
  if (state !== 'not-reached' && state !== 'blocked') return []
  return [{ target, code: code ?? 'UNREACHABLE', fault: fault ?? { what: `\`${target.database}\` was not reached.` } }]
}
