import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { inspectAlterations, printAlterations } from '../inspect/inspect-alterations.ts'
import { lookAtAll, readShardProject } from '../project.ts'

export const input = z.strictObject({
  family: z.optional(z.array(z.string())),
  sql: z.optional(z.boolean()),
})

/**
 * `wwdb shards diff`: what tells shards from what their template makes in a scratch schema, and with --sql the ALTERs that
 * bring them back. Changes no table; exit code 1 where there is a difference.
 */
export async function run(
  { family = [], sql = false }: z.infer<typeof input>,
  context: Context,
): Promise<CommandResult> {
  const project = await readShardProject(context, family)
  const altered = await lookAtAll(project, (store, database) => inspectAlterations(project.request, database, store))
  const { unseen } = altered
  const found = altered.seen.flatMap(({ families }) => families)
  const families = found.map(({ alterations }) => alterations)
  const differs = families.some(({ groups }) => groups.length > 0)
  const exitCode = altered.exitCode ?? (differs ? exitCodes.findings : exitCodes.done)
  if (sql) {
    const missing = unseen.map(
      ({ target, fault }) => `-- NOT LOOKED AT: ${target.database}. ${fault.what.replaceAll(/\s+/g, ' ')}\n`,
    )
    const scripts = [...missing, ...found.map((one) => printAlterations(one, project.request.families))].filter(
      (text) => text !== '',
    )
    const content = scripts.length === 0 ? '-- Every shard is like its template.\n' : scripts.join('\n')
    return { result: { kind: 'document', format: 'text', content }, exitCode }
  }
  return { result: { kind: 'shard-diff', families, unseen }, exitCode }
}
