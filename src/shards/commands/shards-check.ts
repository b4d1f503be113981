import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { inspectTarget } from '../inspect/inspect-target.ts'
import { countFindings } from '../inspection.ts'
import { lookAtAll, readShardProject } from '../project.ts'

export const input = z.strictObject({
  family: z.optional(z.array(z.string())),
  scratch: z.optional(z.boolean()),
  metrics: z.optional(z.string().check(z.minLength(1))),
})

/** `wwdb shards check`: are all shards there, and like their template? Takes no lock, writes nothing; exit code 1 on findings. */
export async function run(
  { family = [], scratch = false, metrics }: z.infer<typeof input>,
  context: Context,
): Promise<CommandResult> {
  const project = await readShardProject(context, family)
  const {
    seen: targets,
    unseen,
    exitCode,
  } = await lookAtAll(project, (store, database) => inspectTarget({ ...project.request, scratch }, database, store))
  const at = context.now()
  if (metrics !== undefined) await context.publishMetrics(metrics, { targets, unseen }, at)
  const findings = targets.reduce((sum, target) => sum + countFindings(target), 0)
  return {
    result: { kind: 'shard-check', at: new Date(at).toISOString(), targets, unseen, findings },
    exitCode: exitCode ?? (findings > 0 ? exitCodes.findings : exitCodes.done),
  }
}
