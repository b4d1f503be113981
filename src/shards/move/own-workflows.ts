import type { ToolError } from '../../core/tool-error.ts'
import { namingOf } from '../render-shard.ts'
import { differenceOf, type WorkflowDifference } from './judge-workflow.ts'
import { type MoveRequest, pause, refused, tellProgress, unnamedSource } from './move-request.ts'
import { readVdiff, readWorkflows, type SeenVdiff, type SeenWorkflow } from './read-workflows.ts'
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
  const own = await listOwn(request, vtctld, place, shards)
  const held = new Map<string, IsHeld>()
  for (const shard of shards)
    if (isStopped(own.get(shard.table))) held.set(shard.table, heldBy(readVdiff(await vtctld(showVdiff(place, shard)))))
  // A comparison that ended between both questions has started its workflow again.
  const seen = [...own.values()].some(isStopped) ? await listOwn(request, vtctld, place, shards) : own
  return new Map([...seen].map(([table, one]) => [table, asHeld(one, held.get(table))]))
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
const ofAnother = (
  request: Refusing,
  { keyspace, table }: OwnPlace,
  shard: MovedShard,
  { why, isOutdated }: WorkflowDifference,
): ToolError =>
  refused(
    request,
    `The workflow \`${workflowOf(shard)}\` is not of this move: ${why}`,
    // Alone, it could not be created again: the table of the keyspace has rows.
    isOutdated
      ? `It was left as it is. Give the copy up with \`--undo\`, delete the rows of \`${table}\` in the keyspace, and begin again: the columns of the shards must stay as they are until the switch.`
      : `It was left as it is. Name what it was created with (\`--table-name\`, \`--column\`, \`--source\`), or look at it (\`${asShell(request.shell, showWorkflows(keyspace))}\`) and delete it where nobody needs it (\`${asShell(request.shell, deleteWorkflow(keyspace, shard))}\`).`,
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
      throw ofAnother(request, place, shard, {
        why: `it reads the keyspace \`${seen.source}\`.`,
        isOutdated: false,
      })
  }
}

const isStopped = (seen: SeenWorkflow | undefined): boolean =>
  seen?.streams.some(({ state }) => state === 'Stopped') === true

type IsHeld = (stream: SeenWorkflow['streams'][number]) => boolean

/** The error of one shard of the keyspace is the state of the whole VDiff, while another may still compare: then Vitess says so of the stream. */
const heldBy =
  (vdiff: SeenVdiff | null): IsHeld =>
  ({ state, shard, message }) =>
    state === 'Stopped' &&
    vdiff !== null &&
    (['pending', 'started'].includes(vdiff.state) ||
      (vdiff.state === 'error' && !vdiff.failed.includes(shard) && /\bfor vdiff$/.test(message)))

/** VDiff holds the streams until both sides are read as of one position, and starts them again itself. */
const asHeld = (seen: SeenWorkflow, isHeld: IsHeld = () => false): SeenWorkflow => ({
  ...seen,
  streams: seen.streams.map((one) => (isHeld(one) ? { ...one, state: heldState } : one)),
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

/** The same, when no VDiff holds them any more. Tells how many are free: a VDiff holds them until it has read both sides as of one position. */
export async function readFree(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: OwnPlace,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, SeenWorkflow>> {
  const began = performance.now()
  for (;;) {
    const seen = await readOwn(request, vtctld, place, shards)
    const held = [...seen.values()].filter(({ streams }) => streams.some(({ state }) => state === heldState))
    if (held.length === 0) return seen
    tellProgress(request, 'vdiff', { done: seen.size - held.length, total: seen.size, began })
    await pause(request)
  }
}
