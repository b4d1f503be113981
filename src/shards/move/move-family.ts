import { randomUUID } from 'node:crypto'
import { type MoveRequest, pause, refused, tellProgress } from './move-request.ts'
import { readFree, readOwn } from './own-workflows.ts'
import type { MovePlan } from './plan-move.ts'
import { idleTypeAmong, idleTypes, typesOf } from './plan-tablets.ts'
import { isWaiting, prepareCopy } from './prepare-copy.ts'
import { readTabletTypes, readVdiff, type SeenVdiff, type SeenWorkflow } from './read-workflows.ts'
import type { AskVtctld } from './vtctldclient.ts'
import {
  addColumn,
  asShell,
  beginVdiff,
  beginWorkflow,
  createWorkflow,
  deleteWorkflow,
  type MovedShard,
  type MovePlace,
  showTablets,
  showVdiff,
  startWorkflow,
  workflowOf,
} from './workflow-commands.ts'

/** What a run has seen of a move. */
export interface MoveEnd {
  readonly plan: MovePlan
  /** Workflows that this run created; the others were there. */
  readonly created: number
  /** Rows that VDiff compared, by the table of the shard. */
  readonly compared: ReadonlyMap<string, number>
}

/** Copies the shards to the keyspace and keeps them copied, or goes on where an earlier run was ended. Ends when VDiff has found no difference. */
export async function moveFamily(request: MoveRequest, vtctld: AskVtctld): Promise<MoveEnd> {
  const { server, destination, table, family } = request
  const { plan, place, seen, missing } = await prepareCopy(request, vtctld)
  if (missing.length > 0)
    await request.confirm(
      `The ${plan.shards.length} shards of \`${family.name}\` (about ${plan.rows} rows) are copied to \`${table}\` of \`${destination.schema}\`. ${plan.notes.join(' ')}`,
    )
  for (const shard of plan.widened)
    await server.define(addColumn(shard, request.column, plan.columnType), [shard.table])
  await createAll(request, vtctld, place, missing, seen)
  await beginAll(request, vtctld, place, plan.shards)
  await waitForCopy(request, vtctld, place, plan)
  return { plan, created: missing.length, compared: await compareAll(request, vtctld, place, plan.shards) }
}

async function createAll(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: MovePlace,
  missing: readonly MovedShard[],
  seen: ReadonlyMap<string, SeenWorkflow>,
): Promise<void> {
  if (missing.length === 0) return
  const idleType = idleTypeAmong(readTabletTypes(await vtctld(showTablets(place.source))), typesOf(place.tabletTypes))
  if (idleType === null)
    throw refused(
      request,
      `The keyspace \`${place.source}\` has tablets of each kind (${idleTypes.join(', ')}), or they are asked for, so that no workflow could wait until all are created.`,
      'Take one of these kinds away while the workflows are created.',
    )
  for (const shard of missing) {
    if (request.stop.requested) await pause(request)
    if (seen.has(shard.table)) await vtctld(deleteWorkflow(place.keyspace, shard))
    await vtctld(createWorkflow(place, shard, idleType))
  }
}

async function beginAll(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: MovePlace,
  shards: readonly MovedShard[],
): Promise<void> {
  const seen = await readFree(request, vtctld, place, shards)
  for (const shard of shards) {
    const own = seen.get(shard.table)
    if (own === undefined) continue
    if (isWaiting(own, place)) await vtctld(beginWorkflow(place, shard))
    if (own.streams.some(({ state }) => state === 'Stopped')) await vtctld(startWorkflow(place.keyspace, shard))
  }
}

/** The rows are there, and each further write follows. */
export const isCopied = ({ streams }: SeenWorkflow): boolean =>
  streams.every((one) => ['Running', 'Lagging'].includes(one.state) && !one.isCopying && one.position !== '')

async function waitForCopy(request: MoveRequest, vtctld: AskVtctld, place: MovePlace, plan: MovePlan): Promise<void> {
  const began = performance.now()
  for (;;) {
    const seen = await readOwn(request, vtctld, place, plan.shards)
    for (const shard of plan.shards) requireHealthy(request, shard, seen.get(shard.table))
    const own = [...seen.values()]
    if (own.every(isCopied)) return
    const done = own.flatMap(({ streams }) => streams).reduce((sum, { rowsCopied }) => sum + rowsCopied, 0)
    const total = Math.max(done, plan.rows)
    tellProgress(request, 'copy', { done, total, began })
    await pause(request)
  }
}

export function requireHealthy(request: MoveRequest, shard: MovedShard, seen: SeenWorkflow | undefined): void {
  const name = workflowOf(shard)
  if (seen === undefined)
    throw refused(request, `The workflow \`${name}\` is gone.`, 'Somebody has deleted it. Give the move up: `--undo`.')
  const failed = seen.streams.find(({ state }) => state === 'Error' || state === 'Stopped')
  if (failed === undefined) return
  throw refused(
    request,
    `The workflow \`${name}\` ${failed.state === 'Error' ? 'has failed' : 'is stopped'} on the shard \`${failed.shard}\`: ${failed.message === '' ? 'Vitess gives no reason.' : failed.message}`,
    `Correct what it says and start it again (\`${asShell(request.shell, startWorkflow(request.destination.schema, shard))}\`), or give the move up: \`--undo\`.`,
  )
}

/** Compares each shard with its rows of the keyspace by VDiff, which waits for the writes of meanwhile. Returns the rows that it read. */
async function compareAll(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: MovePlace,
  shards: readonly MovedShard[],
): Promise<ReadonlyMap<string, number>> {
  const began = performance.now()
  const compared = new Map<string, number>()
  for (const shard of shards) {
    const uuid = randomUUID()
    await vtctld(beginVdiff(place, shard, uuid))
    const found = await waitForVdiff(request, vtctld, () => showVdiff(place, shard, uuid))
    if (found.hasMismatch || found.errors.length > 0 || found.state !== 'completed')
      throw refused(
        request,
        found.hasMismatch
          ? `VDiff has found rows of \`${shard.table}\` that differ in \`${place.table}\`.`
          : `VDiff of \`${shard.table}\` ended as ${found.state}. ${found.errors.join(' ')}`.trim(),
        `Look at them: \`${asShell(request.shell, showVdiff(place, shard, uuid))}\`. The shards are as they were.`,
      )
    compared.set(shard.table, found.rows)
    tellProgress(request, 'vdiff', { done: compared.size, total: shards.length, began })
  }
  return compared
}

const ended = new Set(['completed', 'stopped', 'error'])

async function waitForVdiff(
  request: MoveRequest,
  vtctld: AskVtctld,
  show: () => readonly string[],
): Promise<SeenVdiff> {
  for (;;) {
    const found = readVdiff(await vtctld(show()))
    if (found !== null && ended.has(found.state)) return found
    await pause(request)
  }
}
