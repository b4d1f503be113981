import * as z from 'zod/mini'
import type { DatabaseConfig } from '../../config/config.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { Target } from '../../core/target.ts'
import type { FamilyAdoption } from '../adoption.ts'
import { planAdoption } from '../inspect/plan-adoption.ts'
import { type ArchivePort, noRegistryChange } from '../ports.ts'
import { changeAll, type Looks, lookAtAll, readShardProject, type ShardProject } from '../project.ts'

export const input = z.strictObject({
  family: z.optional(z.array(z.string())),
  dryRun: z.optional(z.boolean()),
})

interface AdoptedTarget {
  readonly target: Target
  readonly families: readonly FamilyAdoption[]
}

/** The archives of a database: none where no folder is configured. */
type ListArchives = (database: DatabaseConfig) => ReturnType<ArchivePort['list']>

/** `wwdb shards adopt`: takes tables that are shards into the registry. Changes no table; exit code 1 where some are left out. */
export async function run(
  { family = [], dryRun = false }: z.infer<typeof input>,
  context: Context,
): Promise<CommandResult> {
  const project = await readShardProject(context, family)
  const listArchives: ListArchives = async ({ schema }) =>
    project.request.config.rotation.archive === null ? [] : (await context.archive()).list(schema)
  const {
    seen: targets,
    unseen,
    exitCode,
  } = dryRun ? await rehearse(project, listArchives) : await adopt(project, context, listArchives)
  const refused = targets.some(({ families }) => families.some((one) => one.refused.length > 0))
  return {
    result: { kind: 'shard-adoption', dryRun, targets, unseen },
    exitCode: exitCode ?? (refused ? exitCodes.findings : exitCodes.done),
  }
}

function rehearse(project: ShardProject, listArchives: ListArchives): Promise<Looks<AdoptedTarget>> {
  return lookAtAll(project, async (store, database) => {
    const { families } = await planAdoption(project.request, database, store, await listArchives(database))
    return { target: store.target, families }
  })
}

/** One write for each target: all of its shards or none. */
function adopt(project: ShardProject, context: Context, listArchives: ListArchives): Promise<Looks<AdoptedTarget>> {
  return changeAll(project, context, async (store, database) => {
    const { families, shards, records } = await planAdoption(
      project.request,
      database,
      store,
      await listArchives(database),
    )
    if (shards.length > 0) {
      await store.createRegistry()
      await store.writeRegistry({ ...noRegistryChange, shards, families: records })
    }
    return { target: store.target, families }
  })
}
