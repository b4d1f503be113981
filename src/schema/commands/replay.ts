import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { TargetOutcome } from '../../core/result.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { hazardCodes } from '../../lint/allowances.ts'
import { runTargets } from '../../migrations/run-targets.ts'
import { describeUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { findScope } from '../../shards/schema-scope.ts'
import type { SchemaServers, ScratchSchemas, TableRows } from '../ports.ts'
import { readOne, type SourcedSchema, type SourceReading } from './read-live.ts'

/** What fills scratch schemas; returns what it could not. */
export type Fill = (config: Config, scratch: ScratchSchemas) => Promise<readonly UnreachedTarget[]>

/** Fills scratch schemas, reads the chosen ones, and drops them. */
export async function replay(context: Context, servers: SchemaServers, fill: Fill): Promise<SourceReading> {
  const config = await context.config()
  const chosen = selectDatabases(config, context.targets).map(({ name }) => name)
  return withScratch(servers, config, async (scratch, inside, read) => {
    const unreached = (await fill(inside, scratch)).map((one) => withOwnSchema(one, config))
    const lacking = new Set(unreached.map(({ target }) => target.database))
    const present = scratch.databases.filter(({ name }) => chosen.includes(name) && !lacking.has(name))
    return {
      schemas: (await Promise.all(present.map(read))).map((one) => ({ ...one, leftOut: null })),
      unreached: unreached.filter(({ target }) => chosen.includes(target.database)),
    }
  })
}

/** A scratch schema says nothing to a person. */
function withOwnSchema({ target, ...others }: UnreachedTarget, { databases }: Config): UnreachedTarget {
  const own = databases.find(({ name }) => name === target.database)
  return { ...others, target: { ...target, schema: own?.schema ?? target.schema } }
}

/** The databases whose servers were not reached, as an answer lists them. */
export function listUnfilled({ unreached }: ScratchSchemas): readonly UnreachedTarget[] {
  return unreached.map(describeUnreached)
}

type ReadDatabase = (database: DatabaseConfig) => Promise<SourcedSchema>

/** Makes scratch schemas of all databases, and drops them when the work is done. */
async function withScratch<T>(
  servers: SchemaServers,
  config: Config,
  work: (scratch: ScratchSchemas, inside: Config, read: ReadDatabase) => Promise<T>,
): Promise<T> {
  const scratch = await servers.openScratch(config.databases, config.timeouts)
  try {
    const inside: Config = { ...config, databases: scratch.databases }
    const scope = await findScope(config)
    const around = [...config.databases, ...scratch.databases]
    return await work(scratch, inside, (database) => readOne(servers, inside, around, database, scope))
  } finally {
    await scratch.close()
  }
}

/**
 * Runs migrations in scratch schemas and reads all databases, with the rows that are left.
 * @param config the folders that the files are read from may be others than the project's
 * @param only the steps that run, by name
 */
export async function replaySteps(context: Context, config: Config, only: ReadonlySet<string>) {
  return withScratch(await context.mysql.schemaServers(), config, async (scratch, inside, read) => {
    const [lacking] = await runMigrations(context, inside, only, listUnfilled(scratch))
    if (lacking !== undefined) throw new ToolError(lacking.code, lacking.fault, { exitCode: exitCodes.unreachable })
    const replayed: (SourcedSchema & { readonly rows: readonly TableRows[] })[] = []
    for (const schema of await Promise.all(scratch.databases.map(read))) {
      replayed.push({ ...schema, rows: await scratch.readRows(schema.snapshot) })
    }
    return replayed
  })
}

/**
 * The migrations of all databases, by the run that makes any: what one needs may be in another. Returns the databases that were not reached, and those
 * whose migrations need one of them.
 * @param only the steps that run, by name; null for all
 * @param unfilled the databases that have no scratch schema, because their servers were not reached
 */
export async function runMigrations(
  context: Context,
  config: Config,
  only: ReadonlySet<string> | null,
  unfilled: readonly UnreachedTarget[],
): Promise<readonly UnreachedTarget[]> {
  const inside: Context = {
    ...context,
    targets: [],
    config: async () => config,
    confirm: async () => undefined,
    emit: () => undefined,
  }
  const options = { direction: 'up', to: null, steps: null, probe: false, allow: [...hazardCodes] } as const
  const { result, exitCode } = await withTargets(
    inside,
    { writable: true, plans: true, unreached: 'skip' },
    (_, open) =>
      runTargets(inside, config, open, {
        ...options,
        ...(only !== null && { only }),
        command: 'migrate',
        records: false,
        dryRun: false,
        confirm: async () => undefined,
      }),
  )
  if (exitCode === exitCodes.done) return unfilled
  const outcomes = result.kind === 'run' ? result.outcomes : []
  const known = new Set(unfilled.map(({ target }) => target.database))
  const left = outcomes.filter(({ target }) => !known.has(target.database)).flatMap(toLeftOut)
  const failures = outcomes.filter(({ state }) => !wholeStates.has(state))
  if (exitCode === exitCodes.unreachable && failures.length === 0) return [...unfilled, ...left]
  const faults = failures.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const code = failures.find((failure) => failure.code !== null)?.code ?? 'STOPPED'
  const stopped = { what: 'The migrations were stopped before they had made the schema in scratch schemas.' }
  throw new ToolError(code, faults.length === 0 ? stopped : faults, { exitCode })
}

const wholeStates: ReadonlySet<TargetOutcome['state']> = new Set(['done', 'nothing-to-do', 'not-reached', 'blocked'])

/** A database whose schema was made in part, or not at all. */
function toLeftOut({ target, state, code, fault }: TargetOutcome): readonly UnreachedTarget[] {
  if (state !== 'not-reached' && state !== 'blocked') return []
  return [{ target, code: code ?? 'UNREACHABLE', fault: fault ?? { what: `\`${target.database}\` was not reached.` } }]
}
