import type { RowTime, ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { shardOf } from '../family-view.ts'
import { namingOf } from '../render-shard.ts'
import type { Shard } from '../shard.ts'
import { type Position, partitionedBy, positionOf, readBound } from './bounds.ts'
import type { LivePartitioning } from './live-partitions.ts'

/** A range of positions `[from, to)` with the name of its partition. */
export interface Piece {
  readonly name: string
  readonly from: Position
  readonly to: Position
}

/** A family whose shards can be partitions of one table. */
export type PartitionedFamily = ShardFamily & { readonly time: RowTime }

/** The partitions of a family's table, lowest first, without a gap. */
export interface Layout {
  readonly family: PartitionedFamily
  /** The table. */
  readonly table: string
  readonly pieces: readonly Piece[]
}

/** What is done with the partitions of a table in one statement: those named are replaced by the pieces, in place; none named means added at the end. */
export interface PartitionChange {
  readonly replaced: readonly string[]
  readonly by: readonly Piece[]
}

/** True where a family's shards may be partitions: its rows have a time. */
export function canBePartitioned(family: ShardFamily): family is PartitionedFamily {
  return family.division.type === 'period' && family.time !== undefined
}

/**
 * Reads the partitions of a family's table. Throws ToolError `SHARD_NOT_MADE` for a table that is not partitioned by the family's time.
 */
export function readLayout(family: PartitionedFamily, table: string, live: LivePartitioning): Layout {
  const wanted = partitionedBy(family.time)
  const isWanted = live.method === wanted.method && live.expression.toLowerCase() === wanted.expression.toLowerCase()
  if (!isWanted) throw notPartitioned(family, table, describeMethod(live))
  let from = Number.NEGATIVE_INFINITY
  const pieces = live.partitions.map(({ name, below }) => {
    const to = readBound(family.time, below)
    if (to === null) throw notPartitioned(family, table, `its partition \`${name}\` ends at ${below}`)
    const piece = { name, from, to }
    from = to
    return piece
  })
  return { family, table, pieces }
}

function describeMethod({ method, expression }: LivePartitioning): string {
  return method === null ? 'it has no partitions' : `it is partitioned by ${method} (${expression})`
}

function notPartitioned({ name, template, time }: PartitionedFamily, table: string, why: string): ToolError {
  const { method, expression } = partitionedBy(time)
  return new ToolError('SHARD_NOT_MADE', {
    what: `\`${table}\` is not the table of the family \`${name}\`.`,
    where: { file: template.file },
    why: `The family is partitioned by ${method} (${expression}), and ${why}.`,
    next: 'Rename that table, or partition it the same way with a migration.',
  })
}

/** The piece of a shard by the calendar, whether or not it is there. */
export function pieceOf({ time }: PartitionedFamily, { table, from, to }: Pick<Shard, 'table' | 'from' | 'to'>): Piece {
  if (from === null || to === null) throw new Error(`\`${table}\` has no period`)
  return { name: table, from: positionOf(time, from), to: positionOf(time, to) }
}

const closedName = /^_closed_\d{14}$/

/** The name of a partition that keeps a range closed: rows that come too late, or below all shards, are there, and no shard has them. */
function nameClosed(to: Position): string {
  return `_closed_${new Date(to).toISOString().slice(0, 19).replaceAll(/\D/g, '')}`
}

export function isClosed({ name }: Pick<Piece, 'name'>): boolean {
  return closedName.test(name)
}

/** The pieces of a table that are shards. */
export function shardPieces({ family, pieces }: Layout): readonly Piece[] {
  return pieces.filter(({ name }) => namingOf(family).parse(name) !== null)
}

/** The pieces of a new table: everything below the first shard is closed. */
export function firstPieces(wanted: readonly Piece[]): readonly Piece[] {
  return fill({ name: '', from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }, inOrder(wanted)).pieces
}

/**
 * The changes that make shards of a table that lacks them: one statement for each partition that covers some of them, and one for those above all partitions. Ranges between them are closed.
 */
export function planPieces(layout: Layout, wanted: readonly Piece[]): readonly PartitionChange[] {
  const { pieces } = layout
  const end = pieces.at(-1)?.to ?? Number.NEGATIVE_INFINITY
  const missing = inOrder(wanted.filter(({ name }) => !pieces.some((piece) => piece.name === name)))
  const within = pieces.flatMap((piece): readonly PartitionChange[] => {
    const own = missing.filter(({ from }) => piece.from <= from && from < piece.to)
    return own.length === 0 ? [] : [cutPiece(layout, piece, own)]
  })
  const above = missing.filter(({ from }) => from >= end)
  if (above.length === 0) return within
  const rest = { name: '', from: end, to: Number.POSITIVE_INFINITY }
  return [...within, { replaced: [], by: fill(rest, above).pieces }]
}

function cutPiece(layout: Layout, piece: Piece, wanted: readonly Piece[]): PartitionChange {
  const isShard = namingOf(layout.family).parse(piece.name) !== null
  const isOurs = isShard || isClosed(piece) || piece.to === Number.POSITIVE_INFINITY
  const { pieces, end } = fill(piece, wanted)
  if (!isOurs || end > piece.to) throw otherBounds(layout, piece)
  const rest = end < piece.to ? [{ ...piece, from: end }] : []
  if (isShard && rest.length === 0) throw otherBounds(layout, piece)
  return { replaced: [piece.name], by: [...pieces, ...rest] }
}

function otherBounds({ family, table }: Layout, { name }: Piece): ToolError {
  return new ToolError('SHARD_NOT_MADE', {
    what: `The partition \`${name}\` of \`${table}\` does not match the periods of \`${family.name}\`.`,
    where: { file: family.template.file },
    why: 'It covers a period that a shard of its own is to have, and only partitions that are shards are divided.',
    next: 'Divide it with a migration (ALTER TABLE ... REORGANIZE PARTITION) so that each period has one partition.',
  })
}

/** The wanted pieces of a range, with a closed piece wherever one does not follow the other. */
function fill(range: Piece, wanted: readonly Piece[]): { readonly pieces: readonly Piece[]; readonly end: Position } {
  const pieces: Piece[] = []
  let end = range.from
  for (const piece of wanted) {
    if (piece.from > end) pieces.push({ name: nameClosed(piece.from), from: end, to: piece.from })
    pieces.push(piece)
    end = piece.to
  }
  return { pieces, end }
}

function inOrder(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.toSorted((one, other) => one.from - other.from)
}

/**
 * Divides shards from the ranges of partitions below them that another hand dropped: the server gives those to the partition above. Such a range is closed, and a hole in it is filled like any other.
 */
export function planOwnRanges(layout: Layout): readonly PartitionChange[] {
  return shardPieces(layout).flatMap((piece): readonly PartitionChange[] => {
    const key = namingOf(layout.family).parse(piece.name) ?? ''
    const shard = shardOf({ family: layout.family, naming: namingOf(layout.family) }, key)
    const wanted = shard === null ? null : pieceOf(layout.family, shard)
    if (wanted === null || piece.to !== wanted.to || piece.from >= wanted.from) return []
    return [
      { replaced: [piece.name], by: [{ name: nameClosed(wanted.from), from: piece.from, to: wanted.from }, wanted] },
    ]
  })
}

/** Closes the range of a shard whose rows are elsewhere: it becomes one closed piece with its closed neighbors, so that these stay few. */
export function planClosing({ pieces }: Layout, name: string): PartitionChange | null {
  const at = pieces.findIndex((piece) => piece.name === name)
  const own = pieces[at]
  if (own === undefined) return null
  const [below, above] = [pieces[at - 1], pieces[at + 1]]
  const joined = [below, own, above].filter(
    (piece): piece is Piece => piece !== undefined && (piece === own || isClosed(piece)),
  )
  const [first, last] = [joined[0] ?? own, joined.at(-1) ?? own]
  const closed = { name: nameClosed(last.to), from: first.from, to: last.to }
  return { replaced: joined.map((piece) => piece.name), by: [closed] }
}
