import { createTriggers, dropTriggers } from '../split/cut-over.ts'
import { type ComparedShard, compareSides, isEqual } from './compare-sides.ts'
import { isCopied, readOwn } from './move-family.ts'
import { type MoveRequest, pause, placeOfMove, refused } from './move-request.ts'
import { type MovePlan, planMove } from './plan-move.ts'
import { readLast, readMoveFacts } from './read-facts.ts'
import { deleteWorkflow, fenceNames, fenceTexts, type MovedShard, provenName, provenText } from './workflow-commands.ts'

/** What a switch has seen. */
export interface SwitchEnd {
  readonly plan: MovePlan
  readonly shards: readonly ComparedShard[]
  /** For how long writes had been refused when both sides were equal, in milliseconds; null where an earlier run had switched them. */
  readonly milliseconds: number | null
}

/**
 * Refuses the writes of the shards, waits until the keyspace has the same rows, and ends the workflows. Where it does not get them in time, writes go on as before. A run that was killed
 * is ended by the next one: what refuses writes and which workflows exist says how far it was.
 */
export async function switchWrites(request: MoveRequest): Promise<SwitchEnd> {
  const { server, vtctld, table, destination, family } = request
  const facts = await readMoveFacts(request)
  const plan = planMove(facts)
  const place = placeOfMove(request, plan)
  const seen = vtctld === null ? null : await readOwn(vtctld, place, plan.shards)
  const isProven = await wasProven(request, plan.shards)
  if (seen !== null && !isProven) requireCopied(request, plan.shards, seen)
  if (plan.widened.length > 0)
    throw refused(
      request,
      `${plan.widened.length} shards do not have the column \`${request.column}\`, so that their rows are in no workflow.`,
      'Copy them first: the same command without `--switch`.',
    )
  if (!isProven) {
    requireSequence(request, plan, facts.nextId, facts.lastId)
    await request.confirm(
      `The ${plan.shards.length} shards of \`${family.name}\` take no writes from now on. When both sides are equal, the application writes to \`${table}\` of \`${destination.schema}\` through vtgate.`,
    )
  }
  const began = performance.now()
  let shards: readonly ComparedShard[] = []
  if (!isProven) {
    for (const shard of plan.shards)
      await createTriggers(request, shard.table, fenceNames(shard), fenceTexts(shard, place))
    try {
      requireSequence(request, plan, facts.nextId, await lastOf(request, plan))
      shards = await waitUntilEqual(request, plan)
    } catch (error) {
      await removeFences(request, plan.shards)
      throw error
    }
    const [first] = plan.shards
    if (first !== undefined) await server.define(provenText(plan.shards, place), [first.table])
  }
  const milliseconds = isProven ? null : performance.now() - began
  if (vtctld !== null)
    for (const shard of plan.shards)
      if (seen?.has(shard.table) === true) await vtctld(deleteWorkflow(place.keyspace, shard))
  return { plan, shards, milliseconds }
}

/** Whether both sides were equal while the shards took no writes: from then on, the rows of the keyspace are the newer ones. */
export const wasProven = async ({ server }: MoveRequest, shards: readonly MovedShard[]): Promise<boolean> =>
  (await server.findTriggers([provenName(shards)])).size > 0

/** Lets the shards take writes again. What says that the keyspace has the newer rows goes first. */
export async function removeFences(request: MoveRequest, shards: readonly MovedShard[]): Promise<void> {
  await dropTriggers(request, [provenName(shards)])
  for (const shard of shards) await dropTriggers(request, fenceNames(shard))
}

function requireCopied(
  request: MoveRequest,
  shards: readonly MovedShard[],
  seen: Awaited<ReturnType<typeof readOwn>>,
): void {
  const behind = shards.filter(({ table }) => {
    const own = seen.get(table)
    return own === undefined || !isCopied(own)
  })
  if (behind.length === 0) return
  const names = behind.slice(0, 5).map(({ table }) => `\`${table}\``)
  throw refused(
    request,
    `${names.join(', ')} ${behind.length === 1 ? 'is' : 'are'} not copied: ${behind.length === 1 ? 'its workflow does' : 'their workflows do'} not exist, or still copy.`,
    'Copy them first: the same command without `--switch`. A shard that was made since the copy began needs a new beginning: `--undo`.',
  )
}

const lastOf = async (request: MoveRequest, { sequence, shards }: MovePlan): Promise<bigint | null> =>
  sequence === null ? null : readLast(request.source, shards, sequence.column)

/** Else ids are given twice: with an error on the shard of the keyspace that has the id, and without one on another. */
function requireSequence(request: MoveRequest, { sequence }: MovePlan, next: bigint | null, last: bigint | null): void {
  if (sequence === null || last === null || (next !== null && next > last)) return
  const { keyspace, name } = sequence.sequence
  const table = keyspace === null ? `\`${name}\`` : `\`${keyspace}\`.\`${name}\``
  throw refused(
    request,
    `The next number of the sequence \`${name}\` is ${next ?? 'unknown'}, and the shards have ids up to ${last}: numbers would be given twice.`,
    `Set it higher than the shards will come until the switch, before anything takes a number from it: \`UPDATE ${table} SET next_id = ${last + 1_000_000n} WHERE id = 0\` through vtgate. Then run the command again.`,
  )
}

/** The streams are behind the shards by what they have not written yet. Throws ToolError `MOVE_REFUSED` where they do not come after. */
async function waitUntilEqual(request: MoveRequest, plan: MovePlan): Promise<readonly ComparedShard[]> {
  const began = performance.now()
  for (;;) {
    const compared = await compareSides(request, plan)
    const other = compared.filter((one) => !isEqual(one))
    if (other.length === 0) return compared
    if (performance.now() - began > request.patience) {
      const [first] = other
      throw refused(
        request,
        `After ${Math.round(request.patience / 1000)} s, ${other.length} of ${compared.length} shards are not equal to their rows in \`${request.table}\`: \`${first?.table}\` has ${first?.here.rows} rows, the keyspace ${first?.there.rows}.`,
        'The shards take writes again. Look at the workflows, and at what else writes to the table of the keyspace.',
      )
    }
    await pause(request)
  }
}
