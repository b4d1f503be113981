import { ToolError } from '../../core/tool-error.ts'
import { type DifferingRow, narrow, readBound, readSums } from '../../operate/online/checksum/compare-copy.ts'
import { type KeyValues, keyEquals } from '../../operate/online/checksum/key.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { comparisonOf, type StageRequest } from './copy-rows.ts'
import { hasPlace } from './piece.ts'
import { writtenColumns } from './triggers.ts'

const rowsOfChunk = 5000
/** Rows of one transaction: its locks are short. */
const rowsAtOnce = 100
const attempts = 10

/**
 * Carries to the held table what was written to the pieces since the cut-over; triggers carry what is written meanwhile. A row of the held table that no piece ever
 * had is left alone. Returns the number of rows.
 * @param hasHomeless whether there are such rows
 */
export async function carryBack(request: StageRequest, hold: string, hasHomeless: boolean): Promise<number> {
  const { server, governor, stop, progressed, target } = request
  const comparison = comparisonOf(request, hold, hasPlace(request.shape.pieces, request.shape.column))
  const began = performance.now()
  return server.beside(async (ask) => {
    let [rows, carried] = [0, 0]
    let after: KeyValues | null = null
    for (;;) {
      const through: KeyValues | null = await readBound(ask, comparison, after, rowsOfChunk)
      const bounds = { after, through }
      const [own, other] = await readSums(ask, comparison, bounds)
      if (own.rows !== other.rows || own.sum !== other.sum) {
        const differing = await narrow(ask, comparison, bounds, Number.POSITIVE_INFINITY)
        for (let at = 0; at < differing.length; at += rowsAtOnce)
          await carry(request, hold, differing.slice(at, at + rowsAtOnce), hasHomeless)
        carried += differing.length
      }
      rows += own.rows
      progressed({
        stage: 'carry back',
        done: rows,
        total: Math.max(rows, request.rows),
        milliseconds: performance.now() - began,
      })
      if (through === null) return carried
      after = through
      await governor?.clear()
      if (stop.requested)
        throw new ToolError('STOPPED', {
          what: `The run was stopped while rows were carried back to \`${hold}\`.`,
          where: { database: target.database, server: target.server },
          next: 'Run the command again: it goes on with the rows that still differ.',
        })
    }
  })
}

/** Some rows in one transaction. Those of the pieces are locked first, as a write locks them before its trigger writes to the held table. */
async function carry(
  { server, shape, key }: StageRequest,
  hold: string,
  rows: readonly DifferingRow[],
  hasHomeless: boolean,
): Promise<void> {
  const known = rows.flatMap((row) => (row.type === 'count' ? [] : [row]))
  if (known.length === 0) return
  const where = known.map(({ values }) => `(${keyEquals(key, 'to', values)})`).join(' OR ')
  // Missing in a piece that came later, it was not deleted there: it was never in it.
  const early = hasPlace(
    shape.pieces.filter(({ isLate }) => isLate !== true),
    shape.column,
  )
  const placed = hasPlace(shape.pieces, shape.column)
  const gone = known.map(
    ({ type, values }) => `(${keyEquals(key, 'from', values)} AND ${type === 'missing' ? early : placed})`,
  )
  // The value of a unique key may have gone to another row: the one that still has it here is carried in its turn, and the comparison is behind all of them. A row of no piece is in no comparison.
  const verb = hasHomeless ? 'INSERT' : 'REPLACE'
  const held = quoteQualified(shape.schema, hold)
  const list = writtenColumns(shape.columns).join(',')
  const pieces = shape.pieces.map((piece) => quoteQualified(shape.schema, piece.table))
  await server.inTransaction(
    [
      ...pieces.map((piece) => `SELECT 1 FROM ${piece} WHERE ${where} FOR UPDATE`),
      `DELETE FROM ${held} WHERE ${gone.join(' OR ')}`,
      ...pieces.map((piece) => `${verb} INTO ${held}(${list}) SELECT ${list} FROM ${piece} WHERE ${where}`),
    ],
    attempts,
  )
}
