import { shardOf } from '../family-view.ts'
import type { ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import { isClosed, type Layout, type Piece } from './layout.ts'
import type { Misplaced } from './live-partitions.ts'
import { hasOwnBounds } from './present.ts'

/** Rows in closed partitions, and partitions that no rotation made. One short query for each closed partition: a hold joins neighbors. */
export async function findMisplaced(
  store: Pick<ShardStore, 'isEmpty'>,
  layouts: readonly Layout[],
): Promise<readonly Misplaced[]> {
  const found: Misplaced[] = []
  for (const layout of layouts) {
    for (const piece of layout.pieces) {
      const why = isClosed(piece) ? await explainClosed(store, layout, piece) : explainPiece(layout, piece)
      if (why !== null) found.push({ family: layout.family.name, table: piece.name, why })
    }
  }
  return found
}

async function explainClosed(
  store: Pick<ShardStore, 'isEmpty'>,
  { table }: Layout,
  { name }: Piece,
): Promise<string | null> {
  if (await store.isEmpty(table, name)) return null
  return `This partition of \`${table}\` has rows, which came for periods that have no shard: read them with SELECT ... FROM \`${table}\` PARTITION (\`${name}\`), and remove or restore them.`
}

function explainPiece(layout: Layout, { name, to }: Piece): string | null {
  const { family, table } = layout
  const naming = namingOf(family)
  const key = naming.parse(name)
  const shard = key === null ? null : shardOf({ family, naming }, key)
  if (shard !== null)
    return hasOwnBounds({ shard, layout })
      ? null
      : `This partition of \`${table}\` has rows of other periods, or not all of its own: a partition beside it was dropped or divided outside of wwdb.`
  if (to === Number.POSITIVE_INFINITY)
    return `This partition of \`${table}\` takes every row of the future, and no rotation retires them: divide it, or drop it while it is empty.`
  return `This partition of \`${table}\` is not a shard of \`${family.name}\`, and is never retired.`
}
