import type { Context } from '../../command/context.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { TargetInspection } from '../inspection.ts'
import type { ShardStore } from '../ports.ts'
import { type DatabaseAnswers, readReachable, readShardProject } from '../project.ts'
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
  return readReachable(project, async (store, database) => {
    if (rows && database.vitess !== undefined) throw rowsRefused(store)
    const inspection = await inspectTarget({ ...project.request, scratch }, database, store)
    return samplerOf === null ? inspection : sampleRows(inspection, project.chosen, store, samplerOf(store))
  })
}

function rowsRefused({ target: { database, server, schema } }: ShardStore): ToolError {
  return new ToolError('SERVER_UNSUPPORTED', {
    what: `Rows are not sampled in the keyspace \`${schema}\`.`,
    where: { database, server },
    why: '`--rows` reads each shard as a table of one MySQL server, and the rows of a table are on several there.',
    next: 'Run `wwdb shards check` without `--rows` there; `-t` names the databases to check.',
  })
}
