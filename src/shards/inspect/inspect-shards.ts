import type { Context } from '../../command/context.ts'
import type { TargetInspection } from '../inspection.ts'
import { type DatabaseAnswers, readReachable, readShardProject } from '../project.ts'
import { inspectTarget } from './inspect-target.ts'

/**
 * Checks the shards of the chosen databases. Takes no lock, writes nothing. Throws ToolError like `readShardProject` and `readReachable`.
 * @param names families by `--family`; all without one
 * @param scratch creates each template in a scratch schema and compares with that
 */
export async function inspectShards(
  context: Context,
  names: readonly string[] = [],
  scratch = false,
): Promise<DatabaseAnswers<TargetInspection>> {
  const project = await readShardProject(context, names)
  return readReachable(project, (store, database) => inspectTarget({ ...project.request, scratch }, database, store))
}
