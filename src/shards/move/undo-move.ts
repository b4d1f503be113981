import { quoteString } from '../../sql/quote-name.ts'
import { carryRows, requireUnique } from './carry-rows.ts'
import { type ComparedShard, compareSides, countHomeless, isEqual, isOfShard } from './compare-sides.ts'
import { unmarkMoved } from './mark-moved.ts'
import { comparedColumns, type MoveRequest, placeOfMove, refused, tellProgress } from './move-request.ts'
import { deleteOrphans, readOwn } from './own-workflows.ts'
import { type CarryPlan, planCarry, type UndoneShard } from './plan-carry.ts'
import type { MovePlan } from './plan-move.ts'
import { estimateRows, listMoved } from './read-facts.ts'
import { requireOwnRights, requireRights, rightsOfUndo } from './require-rights.ts'
import { sayClosed } from './say-closed.ts'
import { readProven, removeFences } from './switch-writes.ts'
import { columnMark, deleteWorkflow, dropColumn } from './workflow-commands.ts'

/** What the way back has seen. */
export interface UndoneMove {
  readonly plan: Pick<MovePlan, 'shards' | 'rows' | 'notes'>
  readonly shards: readonly ComparedShard[]
  /** Statements that brought rows of the keyspace back; null where the writes had not been switched. */
  readonly carried: number | null
  /** Rows of the keyspace that belong to no shard, and stay there. */
  readonly homeless: number
}

/**
 * Gives a move up, or takes a switch back with the rows that were written since. The rows of the keyspace stay where they are. It is the way out, so it does not ask for what a copy needs: to
 * give up, the list of the shards is enough.
 */
export const undoMove = (request: MoveRequest): Promise<UndoneMove> =>
  sayClosed(request, 'They take writes again when `--undo` has ended without an error.', () => carryOutUndo(request))

async function carryOutUndo(request: MoveRequest): Promise<UndoneMove> {
  const { source, keyspace, store, vtctld, family, table, destination } = request
  const shards = await readUndone(request)
  const place = placeOfMove(request, { columns: [] })
  // Without the proof, the newest rows may be in the shards alone: then none is carried back.
  const proven = await readProven(request, shards)
  const isSwitched = proven.length > 0
  const carry = isSwitched
    ? planCarry(
        request,
        shards.filter((shard) => proven.some((one) => one.table === shard.table)),
        await keyspace.readColumns(table),
      )
    : null
  const widened = await findWidened(request, shards)
  const needed = rightsOfUndo(isSwitched, widened.length)
  await (carry === null ? requireOwnRights(request, shards, needed) : requireRights(request, carry, needed))
  await request.confirm(
    isSwitched
      ? `The shards of \`${family.name}\` get the rows that \`${table}\` of \`${destination.schema}\` has by now, and take writes again. The application must have stopped writing to \`${table}\`.`
      : `The copy of \`${family.name}\` is given up: its workflows are deleted, and the rows stay in \`${table}\` of \`${destination.schema}\`.`,
  )
  if (carry !== null) await requireUnique(request, carry)
  // Before rows are carried back: a workflow would send them to the keyspace again.
  if (vtctld !== null) {
    const seen = await readOwn(request, vtctld, place, shards)
    for (const shard of shards) if (seen.has(shard.table)) await vtctld(deleteWorkflow(place.keyspace, shard))
    await deleteOrphans(request, vtctld, place, shards)
  }
  const result = carry === null ? { shards: [], carried: null } : await carryBack(request, carry)
  if (carry !== null) await requireStill(request, carry, result.shards)
  await removeFences(request, shards)
  await unmarkMoved(request)
  // A shard that was made since the switch got nothing back.
  const homeless = carry === null ? 0 : await countHomeless(request, carry.shards)
  for (const shard of widened) await request.server.define(dropColumn(shard, request.column), [shard.table])
  let rows = 0
  for (const shard of shards) rows += await estimateRows(source, store.target, shard.table)
  const plan = { shards: shards.map(({ key, table: name }) => ({ key, table: name })), rows, notes: [] }
  return { plan, homeless, ...result }
}

async function readUndone({ source, store, family }: MoveRequest): Promise<readonly UndoneShard[]> {
  const shards: UndoneShard[] = []
  for (const shard of family.division.type === 'key' ? await listMoved(store, family) : [])
    shards.push({
      ...shard,
      columns: await source.readColumns(shard.table),
      unique: await source.readUniqueIndexes(shard.table),
    })
  return shards
}

async function carryBack(request: MoveRequest, plan: CarryPlan): Promise<Pick<UndoneMove, 'shards' | 'carried'>> {
  let carried = 0
  const began = performance.now()
  for (const [at, shard] of plan.shards.entries()) {
    carried += await carryRows(request, plan, shard)
    tellProgress(request, 'carry back', { done: at + 1, total: plan.shards.length, began })
  }
  const shards = await compareSides(request, { ...plan, widened: [] })
  const other = shards.filter((one) => !isEqual(one))
  if (other.length > 0)
    throw refused(
      request,
      `${other.map(({ table }) => `\`${table}\``).join(', ')} ${other.length === 1 ? 'is' : 'are'} not equal to the rows of the keyspace, so something still writes there.`,
      'Stop it, and run the command again. The shards take no writes until then.',
    )
  return { shards, carried }
}

/** What came to the keyspace while both sides were compared would be left behind. */
async function requireStill(request: MoveRequest, plan: CarryPlan, shards: readonly ComparedShard[]): Promise<void> {
  const { keyspace, table, column } = request
  for (const shard of shards) {
    const now = await keyspace.measure(table, comparedColumns(plan, column), isOfShard(shard, column))
    if (!isEqual({ ...shard, there: now }))
      throw refused(
        request,
        `The rows of \`${table}\` with \`${column}\` ${shard.key} have changed since they were compared, so something still writes there.`,
        'Stop it, and run the command again. The shards take no writes until then.',
      )
  }
}

/** The shards with the column that the move added: another one stays. */
async function findWidened(
  { source, store, column }: MoveRequest,
  shards: readonly UndoneShard[],
): Promise<readonly UndoneShard[]> {
  const widened: UndoneShard[] = []
  for (const shard of shards) {
    const [own] = await source.ask(
      `SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(store.target.schema)} AND TABLE_NAME=${quoteString(shard.table)} AND COLUMN_NAME=${quoteString(column)} AND COLUMN_COMMENT=${quoteString(columnMark)}`,
    )
    if (own !== undefined) widened.push(shard)
  }
  return widened
}
