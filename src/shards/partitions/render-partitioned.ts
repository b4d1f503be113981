import type { ShardFamily } from '../../core/shard-family.ts'
import { shardOf } from '../family-view.ts'
import type { TableToCreate } from '../ports.ts'
import { namingOf, type RenderContext, renderShard } from '../render-shard.ts'
import { canBePartitioned, firstPieces, pieceOf } from './layout.ts'
import { toPartitioned, toWhole } from './statements.ts'

/** The statement that makes the first shard of a family: for partitions it is the table that has them, with one. */
export function renderFirst(family: ShardFamily, key: string, rendering: RenderContext): TableToCreate {
  const own = renderShard(family, { key }, rendering)
  const shard = shardOf({ family, naming: namingOf(family) }, key)
  if (family.keeper !== 'partition' || !canBePartitioned(family) || shard === null) return own
  const whole = toWhole(own.text, own.table, family.name)
  const text = toPartitioned(whole, family, firstPieces([pieceOf(family, shard)]))
  return { table: family.name, text, after: [] }
}
