import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isBegun } from '../family-view.ts'
import type { TargetInspection, UnseenTarget } from '../inspection.ts'
import type { ShardStore } from '../ports.ts'
import { type DatabaseAnswers, noFamilies, readReachable, readShardProject, type ShardProject } from '../project.ts'
import { inspectTarget } from './inspect-target.ts'
import { rowSamplers, sampleRows } from './sample-rows.ts'

/**
 * Checks the shards of the chosen databases. Takes no lock, writes nothing. Throws ToolError like `readShardProject` and `readReachable`.
 * @param names families by `--family`; all without one
 * @param scratch creates each template in a scratch schema and compares with that
 * @param rows reads rows at the borders of shards as well
 */
export async function inspectShards(
  context: Context,
  names: readonly string[] = [],
  scratch = false,
  rows = false,
): Promise<DatabaseAnswers<TargetInspection>> {
  const project = await readShardProject(context, names, true)
  const { chosen, databases, left, request } = project
  const samplerOf = rows ? await context.port(rowSamplers) : null
  const inspect = async (store: ShardStore, database: DatabaseConfig): Promise<TargetInspection> => {
    if (rows && database.vitess !== undefined) throw rowsRefused(store)
    const inspection = await inspectTarget({ ...request, scratch }, database, store)
    return samplerOf === null ? inspection : sampleRows(inspection, chosen, store, samplerOf(store))
  }
  const answers = await readReachable({ ...project, databases: [...databases, ...left] }, (store, database) =>
    left.includes(database) ? inspectLeft(request, database, store) : inspect(store, database),
  )
  const seen = answers.seen.flatMap((one) => one ?? [])
  // A keyspace that does not exist has nothing that a run has begun.
  const isUnseen = ({ target, code }: UnseenTarget): boolean =>
    code !== 'SCHEMA_MISSING' || !left.some(({ name }) => name === target.database)
  const unseen = answers.unseen.filter(isUnseen)
  if (request.families.length === 0 && seen.length + unseen.length === 0) throw noFamilies(request.config)
  return { seen, unseen, exitCode: unseen.length === 0 ? null : answers.exitCode }
}

/** Where no family is left, only what a run has begun is named: null where nothing is. */
async function inspectLeft(
  request: ShardProject['request'],
  database: DatabaseConfig,
  store: ShardStore,
): Promise<TargetInspection | null> {
  const { shards } = await store.readRegistry()
  return shards.some(isBegun) ? inspectTarget({ ...request, scratch: false }, database, store) : null
}

function rowsRefused({ target: { database, server, schema } }: ShardStore): ToolError {
  return new ToolError('SERVER_UNSUPPORTED', {
    what: `Rows are not sampled in the keyspace \`${schema}\`.`,
    where: { database, server },
    why: '`--rows` reads each shard as a table of one MySQL server, and the rows of a table are on several there.',
    next: 'Run `wwdb shards check` without `--rows` there; `-t` names the databases to check.',
  })
}
