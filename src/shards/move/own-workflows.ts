import type { ToolError } from '../../core/tool-error.ts'
import { namingOf } from '../render-shard.ts'
import { differenceOf } from './judge-workflow.ts'
import { type MoveRequest, pause, refused, unnamedSource } from './move-request.ts'
import { readVdiff, readWorkflows, type SeenWorkflow } from './read-workflows.ts'
import type { AskVtctld } from './vtctldclient.ts'
import {
  asShell,
  deleteWorkflow,
  type MovedShard,
  type MovePlace,
  showVdiff,
  showWorkflows,
  workflowOf,
} from './workflow-commands.ts'

/** The state of a stream that a comparison holds for as long as it needs. */
const heldState = 'Held'

type OwnPlace = Omit<MovePlace, 'tabletTypes'>
type Refusing = Pick<MoveRequest, 'store' | 'family' | 'shell'>

/** The workflows of the move, by the table of the shard. The streams that a VDiff holds, as one that a killed run began, are not stopped: they are `Held`. Throws ToolError `MOVE_REFUSED` where one of the name carries other rows, or to another table. */
export async function readOwn(
  request: Refusing,
  vtctld: AskVtctld,
  place: OwnPlace,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  const { keyspace } = place
  const own = await listOwn(request, vtctld, place, shards)
  const held = new Set<string>()
  for (const shard of shards)
    if (isStopped(own.get(shard.table)) && (await isCompared(vtctld, keyspace, shard))) held.add(shard.table)
  // A comparison that ended between both questions has started its workflow again.
  const seen = [...own.values()].some(isStopped) ? await listOwn(request, vtctld, place, shards) : own
  return new Map([...seen].map(([table, one]) => [table, held.has(table) ? asHeld(one) : one]))
}

async function listOwn(
  request: Refusing,
  vtctld: AskVtctld,
  place: OwnPlace,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  const all = readWorkflows(await vtctld(showWorkflows(place.keyspace))).filter((one) => isFrom(one, place.source))
  return new Map(
    shards.flatMap((shard) => {
      const own = all.find(({ name }) => name === workflowOf(shard))
      if (own === undefined) return []
      const other = differenceOf(place, shard, own)
      if (other !== null) throw ofAnother(request, place, shard, other)
      return [[shard.table, own] as const]
    }),
  )
}

/** Neither begun nor deleted: what it carries belongs to somebody. */
const ofAnother = (request: Refusing, { keyspace }: OwnPlace, shard: MovedShard, why: string): ToolError =>
  refused(
    request,
    `The workflow \`${workflowOf(shard)}\` is not of this move: ${why}`,
    `It was left as it is. Name what it was created with (\`--table-name\`, \`--column\`, \`--source\`), or look at it (\`${asShell(request.shell, showWorkflows(keyspace))}\`) and delete it where nobody needs it (\`${asShell(request.shell, deleteWorkflow(keyspace, shard))}\`).`,
  )

/** Vitess creates no second workflow of a name: one that reads another keyspace is named before anything is written. */
export async function requireUntaken(
  request: Refusing,
  vtctld: AskVtctld,
  place: OwnPlace,
  missing: readonly MovedShard[],
): Promise<void> {
  if (missing.length === 0) return
  for (const seen of readWorkflows(await vtctld(showWorkflows(place.keyspace)))) {
    const shard = missing.find((one) => workflowOf(one) === seen.name)
    if (shard !== undefined && !isFrom(seen, place.source))
      throw ofAnother(request, place, shard, `it reads the keyspace \`${seen.source}\`.`)
  }
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
  place: OwnPlace,
  shards: readonly MovedShard[],
): Promise<void> {
  const { parse } = namingOf(family)
  const { keyspace, source } = place
  for (const seen of readWorkflows(await vtctld(showWorkflows(keyspace)))) {
    const table = /^wwdb_move_(.+)$/.exec(seen.name)?.[1]
    const key = table === undefined || !isFrom(seen, source) ? null : parse(table)
    if (table === undefined || key === null || shards.some((shard) => shard.table === table)) continue
    // One of the same name that writes to another table is somebody's.
    if (differenceOf({ ...place, columns: [] }, { key, table }, seen) === null)
      await vtctld(deleteWorkflow(keyspace, { key, table }))
  }
}

/** The same, when no VDiff holds them any more. */
export async function readFree(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: OwnPlace,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  for (;;) {
    const seen = await readOwn(request, vtctld, place, shards)
    if (![...seen.values()].some(({ streams }) => streams.some(({ state }) => state === heldState))) return seen
    await pause(request)
  }
}
