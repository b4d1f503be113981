import { type MoveRequest, placeOfMove, refused } from './move-request.ts'
import { readOwn, requireUntaken } from './own-workflows.ts'
import { type MovePlan, planMove } from './plan-move.ts'
import { idleTypes, refuseKinds, typesOf } from './plan-tablets.ts'
import { listMoved, readMoveFacts } from './read-facts.ts'
import type { SeenWorkflow } from './read-workflows.ts'
import { hasRows, requireEmpty, requireTablets } from './require-beginning.ts'
import { requireRights, rightsOfCopy } from './require-rights.ts'
import type { AskVtctld } from './vtctldclient.ts'
import { fenceNames, type MovedShard, type MovePlace } from './workflow-commands.ts'

/** Where a copy begins, or goes on. */
export interface PreparedCopy {
  readonly plan: MovePlan
  readonly place: MovePlace
  /** The workflows that exist, by the table of the shard. */
  readonly seen: ReadonlyMap<string, SeenWorkflow>
  /** Shards without a whole workflow. */
  readonly missing: readonly MovedShard[]
}

/** All that may be refused before the first write: a dry run refuses what the run would. Writes nothing. Throws ToolError `MOVE_REFUSED`. */
export async function prepareCopy(request: MoveRequest, vtctld: AskVtctld): Promise<PreparedCopy> {
  const planned = await planCopy(request)
  const place = placeOfMove(request, planned)
  const seen = await readOwn(request, vtctld, place, planned.shards)
  const missing = planned.shards.filter((shard) => !isWhole(seen.get(shard.table), request))
  await requireUntaken(request, vtctld, place, missing)
  await requireEmpty(request, planned, seen)
  // Without its name, the tablets of the source are not known.
  const tablets = request.sourceKeyspace === null ? [] : await requireTablets(request, vtctld, place)
  refuseLate(request, missing, seen)
  return { plan: { ...planned, notes: [...planned.notes, ...tablets] }, place, seen, missing }
}

/** The same where no vtctld is asked: which workflows and tablets exist is not known. */
export async function preparePrinted(request: MoveRequest): Promise<MovePlan> {
  const plan = await planCopy(request)
  const refusal = refuseKinds(typesOf(request.tabletTypes))
  if (refusal !== null) throw refused(request, refusal.why, refusal.next)
  if (!(await hasRows(request, plan))) return plan
  const note = `\`${request.table}\` has rows, and Vitess creates no workflow for such a table: delete them first, unless the workflows exist.`
  return { ...plan, notes: [...plan.notes, note] }
}

async function planCopy(request: MoveRequest): Promise<MovePlan> {
  const { store, family } = request
  // Before anything speaks against a copy: that nothing was written would sound as if the shards took writes.
  await refuseSwitched(request, family.division.type === 'key' ? await listMoved(store, family) : [])
  const plan = planMove(await readMoveFacts(request))
  await requireRights(request, plan, rightsOfCopy(plan))
  return plan
}

/** A run that was killed may have left one with streams to some shards of the keyspace alone. */
const isWhole = (seen: SeenWorkflow | undefined, { keyspace }: MoveRequest): boolean =>
  seen !== undefined && keyspace.shards.every((name) => seen.streams.some(({ shard }) => shard === name))

/** It waits for a kind of tablet that the source does not have. */
export const isWaiting = ({ streams }: SeenWorkflow, { tabletTypes }: MovePlace): boolean =>
  streams.some(
    (one) =>
      one.tabletTypes.length === 1 &&
      one.tabletTypes.every(
        (type) => idleTypes.includes(type.toLowerCase()) && !typesOf(tabletTypes).includes(type.toLowerCase()),
      ),
  )

async function refuseSwitched(request: MoveRequest, shards: readonly MovedShard[]): Promise<void> {
  const there = await request.server.findTriggers(shards.flatMap(fenceNames))
  if (there.size === 0) return
  throw refused(
    request,
    'Writes of shards are refused already: a switch was begun.',
    'Go on with `--switch`, or take it back with `--undo`.',
  )
}

/** Vitess gives no workflow to a table that has rows, so all must be there before one of them begins. */
function refuseLate(
  request: MoveRequest,
  missing: readonly MovedShard[],
  seen: ReadonlyMap<string, SeenWorkflow>,
): void {
  const place = placeOfMove(request, { columns: [] })
  const begun = [...seen.values()].filter((one) => !isWaiting(one, place))
  if (missing.length === 0 || begun.length === 0) return
  throw refused(
    request,
    `${missing.map(({ table }) => `\`${table}\``).join(', ')} ${missing.length === 1 ? 'has' : 'have'} no workflow, and others copy already: Vitess creates none for a table that has rows.`,
    'Give the move up with `--undo`, empty the table of the keyspace, and begin again with all shards.',
  )
}
