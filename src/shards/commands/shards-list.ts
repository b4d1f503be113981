import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { listShards } from '../inspect/list-shards.ts'
import { selectViewed, viewTarget } from '../inspect/view-target.ts'
import { lookAtAll, readShardProject } from '../project.ts'

const states = [
  'live',
  'sealed',
  'holding',
  'held',
  'archived',
  'dropping',
  'dropped',
  'restoring',
  'unregistered',
  'lost',
] as const

export const input = z.strictObject({
  family: z.optional(z.array(z.string())),
  state: z.optional(z.enum(states)),
})

/** `wwdb shards list`: every shard of the registry, and tables that it lacks. Takes no lock, writes nothing. */
export async function run({ family = [], state }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const project = await readShardProject(context, family)
  const {
    seen: listings,
    unseen,
    exitCode,
  } = await lookAtAll(project, async (store, database) => {
    const target = await viewTarget(project.request, database, store)
    return selectViewed(project.request, target).flatMap(({ view }) =>
      listShards(view, target.classified.keys.get(view.family.name) ?? new Set()),
    )
  })
  const shards = listings.flat().filter((shard) => state === undefined || shard.state === state)
  return { result: { kind: 'shard-list', shards, unseen }, exitCode: exitCode ?? exitCodes.done }
}
