import { quoteName } from '../../sql/quote-name.ts'
import type { RowCount } from '../shard.ts'
import { comparedColumns, type MoveRequest, tellProgress } from './move-request.ts'
import type { MovePlan } from './plan-move.ts'
import type { MovedShard } from './workflow-commands.ts'

/** A shard beside its rows in the keyspace. */
export interface ComparedShard extends MovedShard {
  readonly here: RowCount
  readonly there: RowCount
}

export const isEqual = ({ here, there }: ComparedShard): boolean =>
  here.rows === there.rows && here.checksum === there.checksum

/** The rows of one shard in the keyspace. */
export const isOfShard = ({ key }: Pick<MovedShard, 'key'>, column: string): string => `${quoteName(column)}=${key}`

const withoutKey = ({ columns }: Pick<MovePlan, 'columns'>, column: string): readonly string[] =>
  columns.filter((name) => name.toLowerCase() !== column.toLowerCase())

/** Counts and sums each shard on both sides, the whole rows. A row that is written meanwhile may be in one of them alone. */
export async function compareSides(
  request: MoveRequest,
  plan: Pick<MovePlan, 'shards' | 'columns' | 'widened'>,
): Promise<readonly ComparedShard[]> {
  const { source, keyspace, table, column } = request
  // A shard that does not have the column of the key has it in its name.
  const columns = plan.widened.length === 0 ? comparedColumns(plan, column) : withoutKey(plan, column)
  const began = performance.now()
  const compared: ComparedShard[] = []
  for (const shard of plan.shards) {
    const here = await source.measure(shard.table, columns, null)
    const there = await keyspace.measure(table, columns, isOfShard(shard, column))
    compared.push({ ...shard, here, there })
    tellProgress(request, 'compare', { done: compared.length, total: plan.shards.length, began })
  }
  return compared
}

/** Rows of the keyspace that belong to no shard: they were written for instances that came after the switch. */
export async function countHomeless(
  { keyspace, table, column }: Pick<MoveRequest, 'keyspace' | 'table' | 'column'>,
  shards: readonly MovedShard[],
): Promise<number> {
  const keys = shards.map(({ key }) => key).join(',')
  return (await keyspace.measure(table, [column], `${quoteName(column)} NOT IN (${keys})`)).rows
}
