import { namingOf } from '../render-shard.ts'
import { type MoveRequest, pause, unnamedSource } from './move-request.ts'
import { readVdiff, readWorkflows, type SeenWorkflow } from './read-workflows.ts'
import type { AskVtctld } from './vtctldclient.ts'
import {
  deleteWorkflow,
  type MovedShard,
  type MovePlace,
  showVdiff,
  showWorkflows,
  workflowOf,
} from './workflow-commands.ts'

/** The state of a stream that a comparison holds for as long as it needs. */
const heldState = 'Held'

/** The workflows of the move, by the table of the shard. The streams that a VDiff holds, as one that a killed run began, are not stopped: they are `Held`. */
export async function readOwn(
  vtctld: AskVtctld,
  { keyspace, source }: Pick<MovePlace, 'keyspace' | 'source'>,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  const own = await listOwn(vtctld, { keyspace, source }, shards)
  const held = new Set<string>()
  for (const shard of shards)
    if (isStopped(own.get(shard.table)) && (await isCompared(vtctld, keyspace, shard))) held.add(shard.table)
  // A comparison that ended between both questions has started its workflow again.
  const seen = [...own.values()].some(isStopped) ? await listOwn(vtctld, { keyspace, source }, shards) : own
  return new Map([...seen].map(([table, one]) => [table, held.has(table) ? asHeld(one) : one]))
}

async function listOwn(
  vtctld: AskVtctld,
  { keyspace, source }: Pick<MovePlace, 'keyspace' | 'source'>,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  const all = readWorkflows(await vtctld(showWorkflows(keyspace))).filter((one) => isFrom(one, source))
  return new Map(
    shards.flatMap((shard) => {
      const own = all.find(({ name }) => name === workflowOf(shard))
      return own === undefined ? [] : [[shard.table, own] as const]
    }),
  )
}

const isStopped = (seen: SeenWorkflow | undefined): boolean =>
  seen?.streams.some(({ state }) => state === 'Stopped') === true

const isCompared = async (vtctld: AskVtctld, keyspace: string, shard: MovedShard): Promise<boolean> =>
  ['pending', 'started'].includes(readVdiff(await vtctld(showVdiff({ keyspace }, shard)))?.state ?? '')

/** VDiff holds the streams until both sides are read as of one position, and starts them again itself. */
const asHeld = (seen: SeenWorkflow): SeenWorkflow => ({
  ...seen,
  streams: seen.streams.map((one) => (one.state === 'Stopped' ? { ...one, state: heldState } : one)),
})

/** One of the same name that reads another keyspace is of another move. */
const isFrom = (seen: SeenWorkflow, source: string): boolean => source === unnamedSource || seen.source === source

/** Workflows of shards that do not exist any more: they read nothing, and nobody else ends them. */
export async function deleteOrphans(
  { family }: Pick<MoveRequest, 'family'>,
  vtctld: AskVtctld,
  { keyspace, source }: Pick<MovePlace, 'keyspace' | 'source'>,
  shards: readonly MovedShard[],
): Promise<void> {
  const { parse } = namingOf(family)
  for (const seen of readWorkflows(await vtctld(showWorkflows(keyspace)))) {
    const table = /^wwdb_move_(.+)$/.exec(seen.name)?.[1]
    const key = table === undefined || !isFrom(seen, source) ? null : parse(table)
    if (table === undefined || key === null || shards.some((shard) => shard.table === table)) continue
    await vtctld(deleteWorkflow(keyspace, { key, table }))
  }
}

/** The same, when no VDiff holds them any more. */
export async function readFree(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: Pick<MovePlace, 'keyspace' | 'source'>,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  for (;;) {
    const seen = await readOwn(vtctld, place, shards)
    if (![...seen.values()].some(({ streams }) => streams.some(({ state }) => state === heldState))) return seen
    await pause(request)
  }
}
