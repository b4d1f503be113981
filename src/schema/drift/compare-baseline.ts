import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { unlikeSnapshot } from '../../ddl/unlike-record.ts'
import { listCovered } from '../../migrations/baseline.ts'
import type { Migration } from '../../migrations/migration.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { findScope } from '../../shards/schema-scope.ts'
import { diffSchemas, type SchemaDiff } from '../diff.ts'
import type { SourceReading } from '../sources/read-live.ts'
import { readReachable } from '../sources/sources.ts'
import { listUncompared } from '../uncompared.ts'
import { showSchemas } from './show-schemas.ts'

/** How databases differ from the files that a baseline will count as applied. */
interface BaselineDifference {
  readonly to: string
  readonly databases: readonly SchemaDiff[]
  /** Objects that differ, over all databases. */
  readonly differences: number
  /** The possible answers to it. */
  readonly next: readonly string[]
  /** What was not compared, each a sentence. */
  readonly uncompared?: readonly string[]
}

/**
 * Compares databases with the result of the files that a baseline will count as applied: they run in scratch schemas. Null where nothing differs.
 * Throws ToolError where the files do not run there, or a server that they need is not reached.
 * @param migrations of all databases: what the files require runs first
 */
export async function compareBaseline(
  context: Context,
  config: Config,
  targets: readonly OpenTarget[],
  migrations: ReadonlyMap<string, readonly Migration[]>,
  version: string,
): Promise<BaselineDifference | null> {
  const covered = new Map(targets.map((target) => [target.database.name, listCovered(target, version)]))
  const made = await replayCovered({ ...context, targets: [...covered.keys()] }, addRequired(covered, migrations))
  const scope = await findScope(config)
  const compared = targets.map(async (target): Promise<SchemaDiff> => {
    const { database, session } = target
    const own = made.schemas.find((one) => one.database.name === database.name)
    if (own === undefined) throw notMade(made, database.name)
    const reading = await session.record?.readLive(snapshotOptions(config.databases, database, scope))
    if (reading === undefined) throw new Error(`${database.name} cannot be read`)
    const live = unlikeSnapshot(reading, own.snapshot)
    return diffSchemas(own.snapshot, live.snapshot, [...new Set([...own.hidden, ...live.hidden])])
  })
  const databases = (await Promise.all(compared)).filter(({ differences }) => differences.length > 0)
  const uncompared = listUncompared(
    targets.map(({ database }) => {
      const own = made.schemas.find((one) => one.database.name === database.name)
      return { database, vschema: own?.snapshot.vschema === undefined ? 'one-sided' : 'compared' }
    }),
  )
  if (databases.length === 0) {
    for (const message of uncompared) context.emit({ type: 'warning', message, target: null })
    return null
  }
  return {
    to: `the files up to ${version}`,
    databases: showSchemas(databases, config.databases),
    differences: databases.reduce((sum, one) => sum + one.differences.length, 0),
    ...(uncompared.length > 0 && { uncompared }),
    next: [
      'Nothing was recorded. Change the files or the databases until both are the same; or record it with `--accept-drift`: the differences stay, and later migrations run on them.',
    ],
  }
}

async function replayCovered(context: Context, done: ReadonlySet<string>): Promise<SourceReading> {
  try {
    return await readReachable(context, { type: 'applied', steps: { done, unfinished: new Map(), unreached: [] } })
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const { code, exitCode, faults } = error
    throw new ToolError(code, faults.map(orWithout), { exitCode, cause: error })
  }
}

/** Files that cannot be compared can still be recorded. */
function orWithout<T extends { readonly next?: string }>(fault: T): T {
  const first = fault.next === undefined ? '' : `${fault.next} `
  return { ...fault, next: `${first}\`--accept-drift\` records them without a comparison.` }
}

function notMade({ unreached }: SourceReading, database: string): ToolError {
  const lacking = unreached.find(({ target }) => target.database === database)
  const fault = lacking?.fault ?? { what: `The result of the files of \`${database}\` is not known.` }
  return new ToolError(lacking?.code ?? 'UNREACHABLE', orWithout(fault), { exitCode: exitCodes.unreachable })
}

/** The steps with those that they require, and in other databases with all that precede them. */
function addRequired(
  covered: ReadonlyMap<string, readonly Migration[]>,
  migrations: ReadonlyMap<string, readonly Migration[]>,
): ReadonlySet<string> {
  const done = new Set<string>()
  const add = (migration: Migration): void => {
    const step = `${migration.database}/${migration.version}`
    if (done.has(step)) return
    done.add(step)
    for (const { database, version } of migration.requires) {
      const before = (migrations.get(database) ?? []).filter(
        (one) => one.kind !== 'repeatable' && compareVersions(one.version, version) <= 0,
      )
      for (const one of before) add(one)
    }
  }
  for (const own of covered.values()) for (const one of own) add(one)
  return done
}
