import type { Context } from '../../command/context.ts'
import type { ShardListing } from '../answers.ts'
import { type DatabaseAnswers, readReachable, readShardProject } from '../project.ts'
import { listShards } from './list-shards.ts'
import { selectViewed, viewTarget } from './view-target.ts'

/**
 * Lists the shards of the registry, and tables that are missing from it. Takes no lock, writes nothing.
 * @param families names; empty for all
 */
export async function listAllShards(
  context: Context,
  families: readonly string[] = [],
): Promise<Pick<DatabaseAnswers<unknown>, 'unseen' | 'exitCode'> & { readonly shards: readonly ShardListing[] }> {
  const project = await readShardProject(context, families)
  const { seen, unseen, exitCode } = await readReachable(project, async (store, database) => {
    const target = await viewTarget(project.request, database, store)
    return selectViewed(project.request, target).flatMap(({ view }) =>
      listShards(view, target.classified.keys.get(view.family.name) ?? new Set()),
    )
  })
  return { shards: seen.flat(), unseen, exitCode }
}
