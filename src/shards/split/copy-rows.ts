import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { halve, startPace, steer } from '../../operate/batches/steer.ts'
import type { Governor } from '../../operate/governor.ts'
import type { ColumnPair } from '../../operate/online/checksum/columns.ts'
import { type Comparison, readBound } from '../../operate/online/checksum/compare-copy.ts'
import { chunkCondition, type KeyValues, type WalkedKey } from '../../operate/online/checksum/key.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import { isOfPiece, placeOfRow } from './piece.ts'
import type { SplitServer } from './ports.ts'
import type { SplitRecord } from './record.ts'
import { type SplitShape, writtenColumns } from './triggers.ts'

/** How far a stage of a split is. */
export interface SplitProgress {
  readonly stage: 'copy' | 'compare' | 'carry back' | 'empty'
  readonly done: number
  readonly total: number
  readonly milliseconds: number
}

/** What the stages of a split need. */
export interface StageRequest {
  readonly server: SplitServer
  readonly target: Target
  readonly shape: SplitShape
  readonly key: WalkedKey
  readonly pairs: readonly ColumnPair[]
  /** An estimate. */
  readonly rows: number
  readonly governor: Governor | null
  readonly stop: StopRequest
  readonly progressed: (progress: SplitProgress) => void
}

/** The table, by its name of the moment, beside its pieces. @param own which of its rows count; all where it is absent */
export const comparisonOf = (
  { shape, key, pairs }: Pick<StageRequest, 'shape' | 'key' | 'pairs'>,
  table: string,
  own?: string,
): Comparison & { readonly key: WalkedKey } => ({
  ...(own === undefined ? {} : { own }),
  schema: shape.schema,
  table,
  copy: 'its pieces',
  pieces: shape.pieces.map((piece) => piece.table),
  pairs,
  key,
})

/** Milliseconds that a chunk is to take: others wait for its rows no longer. */
const aim = { time: 400, rows: 20_000 }
const attempts = 10

/**
 * Copies every row to its piece, by the primary key. A chunk and its checkpoint are one transaction; rows that a trigger wrote meanwhile stay as they are. Returns the record with
 * the last checkpoint.
 */
export async function copyRows(request: StageRequest, begun: SplitRecord): Promise<SplitRecord> {
  const { server, shape, stop, governor, progressed } = request
  const comparison = comparisonOf(request, shape.table)
  const began = performance.now()
  let record = begun
  let pace = startPace(aim)
  for (;;) {
    if (stop.requested) throw stoppedCopy(request, record)
    await governor?.clear()
    const started = performance.now()
    const through: KeyValues | null = await readBound(server.ask, comparison, record.copiedThrough, pace.size)
    const bounds = { after: record.copiedThrough, through }
    const where = chunkCondition(request.key, 'from', bounds)
    const rows = await copyChunk(request, where, (copied) => ({
      ...record,
      state: through === null ? 'copied' : 'copying',
      copiedThrough: through ?? record.copiedThrough,
      copiedRows: record.copiedRows + copied,
    }))
    record = rows.record
    const took = performance.now() - started
    pace = rows.attempts > 1 ? halve(pace) : steer(pace, pace.size, took, aim)
    progressed({
      stage: 'copy',
      done: record.copiedRows,
      total: Math.max(record.copiedRows, request.rows),
      milliseconds: performance.now() - began,
    })
    if (through === null) return record
  }
}

async function copyChunk(
  { server, shape }: StageRequest,
  where: string,
  next: (copied: number) => SplitRecord,
): Promise<{ readonly record: SplitRecord; readonly attempts: number }> {
  const { schema, table, column, pieces, columns } = shape
  const from = quoteQualified(schema, table)
  const own = quoteName(column)
  const list = writtenColumns(columns).join(',')
  const found = await server.ask(
    `SELECT ${placeOfRow(pieces, column)} p,COUNT(*) FROM ${from} FORCE INDEX(PRIMARY) WHERE ${where} GROUP BY p`,
  )
  // A row that comes to another piece meanwhile is brought there by the trigger of its change.
  const texts = found.flatMap(([place]) => {
    const piece = place === null ? undefined : pieces[Number(place)]
    if (piece === undefined) return []
    return [
      `INSERT IGNORE INTO ${quoteQualified(schema, piece.table)}(${list}) SELECT ${list} FROM ${from} FORCE INDEX(PRIMARY) WHERE (${where}) AND ${isOfPiece(piece, own)} FOR SHARE`,
    ]
  })
  const record = next(found.reduce((sum, [, count]) => sum + Number(count), 0))
  const tried = await server.inTransaction([...texts, server.recordText(record)], attempts)
  return { record, attempts: tried }
}

function stoppedCopy({ target, shape }: StageRequest, { copiedRows }: SplitRecord): ToolError {
  return new ToolError('STOPPED', {
    what: `The run was stopped after ${copiedRows} rows of \`${shape.table}\` were copied.`,
    where: { database: target.database, server: target.server },
    next: 'Run the command again: it continues at its checkpoint. Until then, triggers write each change of the table twice; `--undo` removes them.',
  })
}
