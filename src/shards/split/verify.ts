import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareCopy, type DifferingRow } from '../../operate/online/checksum/compare-copy.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import { comparisonOf, type StageRequest } from './copy-rows.ts'
import { hasPlace, isOfPiece, type Piece } from './piece.ts'

/** Rows of a chunk of each side. */
const rowsOfChunk = 5000

/**
 * Compares the table with its pieces together, each chunk in one view of the data: the triggers write to both in one transaction, so that both are equal in every view.
 * @param table its name of the moment
 */
async function compareWithPieces(
  request: StageRequest,
  table: string,
  own?: string,
): Promise<{ readonly rows: number; readonly chunks: number; readonly differing: readonly string[] }> {
  const { server, governor, stop, progressed, target } = request
  const began = performance.now()
  return server.beside(async (ask) => {
    const { rows, chunks, differing } = await compareCopy(ask, comparisonOf(request, table, own), {
      rows: rowsOfChunk,
      between: async (done) => {
        progressed({
          stage: 'compare',
          done: done.rows,
          total: Math.max(done.rows, request.rows),
          milliseconds: performance.now() - began,
        })
        if (stop.requested)
          throw new ToolError('STOPPED', {
            what: `The run was stopped while \`${table}\` was compared with its pieces.`,
            where: { database: target.database, server: target.server },
            next: 'Run the command again: it compares them again.',
          })
        await governor?.clear()
      },
    })
    return { rows, chunks, differing: [...differing.map(describe), ...(await findMisplaced(request, ask))] }
  })
}

function describe(row: DifferingRow): string {
  if (row.type === 'count') return `the key ${row.key} has ${row.table} rows in the table and ${row.copy} in the pieces`
  if (row.type === 'missing') return `the row ${row.key} is in no piece`
  return row.type === 'extra'
    ? `the row ${row.key} is in a piece alone`
    : `the row ${row.key} is another one in its piece`
}

/** The comparison finds each row in one of the pieces; this, that it is the right one. */
async function findMisplaced(
  { shape: { schema, pieces, column, key } }: StageRequest,
  ask: (text: string) => Promise<readonly (readonly unknown[])[]>,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const piece of pieces) {
    const own = isOfPiece(piece, quoteName(column))
    const [row] = await ask(
      `SELECT ${ownHint} CONCAT_WS(', ',${key.map(quoteName).join(',')}) FROM ${quoteQualified(schema, piece.table)} WHERE NOT (${own}) LIMIT 1`,
    )
    if (row !== undefined) found.push(`the row ${String(row[0])} is in \`${piece.table}\`, where it does not belong`)
  }
  return found
}

/**
 * Throws ToolError `SPLIT_DIFFERS` with the rows that differ.
 * @param own which rows of the table must have their like in a piece; all where it is absent
 */
export async function requireEqual(request: StageRequest, table: string, next: string, own?: string): Promise<number> {
  const { rows, differing } = await compareWithPieces(request, table, own)
  if (differing.length === 0) return rows
  const { target } = request
  throw new ToolError('SPLIT_DIFFERS', {
    what: `\`${table}\` and its pieces differ: ${differing.slice(0, 5).join(', ')}${differing.length > 5 ? ' and more' : ''}.`,
    where: { database: target.database, server: target.server },
    why: `${countOf(rows, 'row')} ${rows === 1 ? 'was' : 'were'} compared, each by the SHA-256 of its values. No name was changed.`,
    next,
  })
}

/**
 * Throws ToolError `SPLIT_DIFFERS` where the held table has a row that belongs to no piece: it was written between the comparison and the cut-over, and no shard has it.
 */
export async function requirePlaced(
  { server, shape, target }: Pick<StageRequest, 'server' | 'shape' | 'target'>,
  hold: string,
): Promise<void> {
  const { schema, key, pieces, column, table } = shape
  const [row] = await server.ask(
    `SELECT ${ownHint} CONCAT_WS(', ',${key.map(quoteName).join(',')}) FROM ${quoteQualified(schema, hold)} WHERE NOT (${hasPlace(pieces, column)}) LIMIT 1`,
  )
  if (row === undefined) return
  throw new ToolError('SPLIT_DIFFERS', {
    what: `The row ${String(row[0])} of \`${table}\` belongs to none of its pieces, and is in \`${hold}\` alone.`,
    where: { database: target.database, server: target.server },
    why: `It was written between the comparison and the cut-over, with a value of \`${column}\` for which there is no shard. There may be more of them.`,
    next: `Write such rows to where they belong and delete them from \`${hold}\`, or take the split back with \`--undo\`, which keeps them.`,
  })
}

/**
 * Whether the held table has rows of no piece, which stay in it as they are. Throws ToolError `SPLIT_DIFFERS` where a piece has another row of the same key: pieces that count their own ids
 * do not know of it, and one table takes only one of both.
 * @param known the pieces that the table had at the cut-over: no row of it was ever in those that came since
 */
export async function findHomeless(
  { server, shape, target }: StageRequest,
  hold: string,
  known: readonly Piece[],
): Promise<boolean> {
  const { schema, key, pieces, column, table } = shape
  const isHomeless = `NOT (${hasPlace(known, column)})`
  const from = `${quoteQualified(schema, hold)} h WHERE ${isHomeless}`
  if ((await server.ask(`SELECT ${ownHint} 1 FROM ${from} LIMIT 1`)).length === 0) return false
  const isEqual = key.map((name) => `p.${quoteName(name)}=h.${quoteName(name)}`).join(' AND ')
  const inPieces = pieces.map(
    (piece) => `EXISTS (SELECT 1 FROM ${quoteQualified(schema, piece.table)} p WHERE ${isEqual})`,
  )
  const names = key.map((name) => `h.${quoteName(name)}`).join(',')
  const [row] = await server.ask(
    `SELECT ${ownHint} CONCAT_WS(', ',${names}) FROM ${from} AND (${inPieces.join(' OR ')}) LIMIT 1`,
  )
  if (row === undefined) return true
  throw new ToolError('SPLIT_DIFFERS', {
    what: `The row ${String(row[0])} of \`${hold}\` belongs to none of the shards, and one of them has another row of this key.`,
    where: { database: target.database, server: target.server },
    why: `\`${table}\` can have only one of both. Nothing was put back, and the shards are in use as before.`,
    next: 'Give one of the two another key, then run the command again.',
  })
}
