import { quoteString } from '../../sql/quote-name.ts'
import { carryRows } from './carry-rows.ts'
import { type ComparedShard, compareSides, countHomeless, isEqual } from './compare-sides.ts'
import { readOwn } from './move-family.ts'
import { type MoveRequest, placeOfMove, refused } from './move-request.ts'
import { type MovePlan, planMove } from './plan-move.ts'
import { readMoveFacts } from './read-facts.ts'
import { readProven, removeFences } from './switch-writes.ts'
import { columnMark, deleteWorkflow, dropColumn } from './workflow-commands.ts'

/** What the way back has seen. */
export interface UndoneMove {
  readonly plan: MovePlan
  readonly shards: readonly ComparedShard[]
  /** Statements that brought rows of the keyspace back; null where the writes had not been switched. */
  readonly carried: number | null
  /** Rows of the keyspace that belong to no shard, and stay there. */
  readonly homeless: number
}

/** Gives a move up, or takes a switch back with every row that was written since. The rows of the keyspace stay where they are. */
export async function undoMove(request: MoveRequest): Promise<UndoneMove> {
  const { vtctld, family, table, destination } = request
  const plan = planMove(await readMoveFacts(request))
  const place = placeOfMove(request, plan)
  // Without the proof, the newest rows may be in the shards alone: then none is carried back.
  const proven = await readProven(request, plan)
  const isSwitched = proven.length > 0
  await request.confirm(
    isSwitched
      ? `The shards of \`${family.name}\` get the rows that \`${table}\` of \`${destination.schema}\` has by now, and take writes again. The application must have stopped writing to \`${table}\`.`
      : `The copy of \`${family.name}\` is given up: its workflows are deleted, and the rows stay in \`${table}\` of \`${destination.schema}\`.`,
  )
  // Before rows are carried back: a workflow would send them to the keyspace again.
  if (vtctld !== null) {
    const seen = await readOwn(vtctld, place, plan.shards)
    for (const shard of plan.shards) if (seen.has(shard.table)) await vtctld(deleteWorkflow(place.keyspace, shard))
  }
  const result = isSwitched ? await carryBack(request, { ...plan, shards: proven }) : { shards: [], carried: null }
  await removeFences(request, plan.shards)
  const homeless = isSwitched ? await countHomeless(request, plan.shards) : 0
  await dropColumns(request, plan)
  return { plan, homeless, ...result }
}

async function carryBack(request: MoveRequest, plan: MovePlan): Promise<Pick<UndoneMove, 'shards' | 'carried'>> {
  let carried = 0
  for (const shard of plan.shards) carried += await carryRows(request, plan, shard)
  const shards = await compareSides(request, plan)
  const other = shards.filter((one) => !isEqual(one))
  if (other.length > 0)
    throw refused(
      request,
      `${other.map(({ table }) => `\`${table}\``).join(', ')} ${other.length === 1 ? 'is' : 'are'} not equal to the rows of the keyspace, so something still writes there.`,
      'Stop it, and run the command again. The shards take no writes until then.',
    )
  return { shards, carried }
}

/** The columns that the move added, and no others. */
async function dropColumns({ source, server, store, column }: MoveRequest, { shards }: MovePlan): Promise<void> {
  for (const shard of shards) {
    const [own] = await source.ask(
      `SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(store.target.schema)} AND TABLE_NAME=${quoteString(shard.table)} AND COLUMN_NAME=${quoteString(column)} AND COLUMN_COMMENT=${quoteString(columnMark)}`,
    )
    if (own !== undefined) await server.define(dropColumn(shard, column), [shard.table])
  }
}
