import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isBegun } from '../family-view.ts'
import type { TargetInspection } from '../inspection.ts'
import type { ShardStore } from '../ports.ts'
import { type DatabaseAnswers, readReachable, readShardProject, type ShardProject } from '../project.ts'
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
  const project = await readShardProject(context, names)
  const samplerOf = rows ? await context.port(rowSamplers) : null
  const answers = await readReachable(project, async (store, database) => {
    if (rows && database.vitess !== undefined) throw rowsRefused(store)
    const inspection = await inspectTarget({ ...project.request, scratch }, database, store)
    return samplerOf === null ? inspection : sampleRows(inspection, project.chosen, store, samplerOf(store))
  })
  return { ...answers, seen: [...answers.seen, ...(await inspectLeft(project))] }
}

/** Where no family is left, only what a run has begun is named. What cannot be read there is the matter of no family. */
async function inspectLeft(project: ShardProject): Promise<readonly TargetInspection[]> {
  if (project.left.length === 0) return []
  const look = async (store: ShardStore, database: DatabaseConfig): Promise<TargetInspection | null> => {
    const { shards } = await store.readRegistry()
    return shards.some(isBegun) ? inspectTarget({ ...project.request, scratch: false }, database, store) : null
  }
  const { seen } = await readReachable({ ...project, databases: project.left }, look).catch((error: unknown) => {
    if (error instanceof ToolError) return { seen: [] }
    throw error
  })
  return seen.flatMap((one) => one ?? [])
}

function rowsRefused({ target: { database, server, schema } }: ShardStore): ToolError {
  return new ToolError('SERVER_UNSUPPORTED', {
    what: `Rows are not sampled in the keyspace \`${schema}\`.`,
    where: { database, server },
    why: '`--rows` reads each shard as a table of one MySQL server, and the rows of a table are on several there.',
    next: 'Run `wwdb shards check` without `--rows` there; `-t` names the databases to check.',
  })
}
