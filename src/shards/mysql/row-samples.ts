import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import { driverOf } from '../../mysql/door.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { rowSamplers, type SampledRows } from '../inspect/sample-rows.ts'
import type { ShardStore } from '../ports.ts'
import { isOfPiece } from '../split/piece.ts'
import { insideOf } from './store.ts'

/** Rows that are read at each end of a shard, by each of its orders. */
const atEachEnd = 1000

type Ask = (text: string) => Promise<readonly (readonly unknown[])[]>

/** Reads rows at the borders of a shard, on the connection of its store. */
export const driver = driverOf(rowSamplers, () => (store) => async (piece, column): Promise<SampledRows> => {
  const { connection } = insideOf(store)
  const ask: Ask = async (text) => (await connection.ask(text)).rows
  return translatingErrors(store.target, async () => {
    const own = quoteName(column)
    const from = quoteQualified(store.target.schema, piece.table)
    const { primary, leads } = await readOrders(ask, store, piece.table, column)
    // Both ends of an index cost no more than their rows. Rows that are read twice are one, where a key tells them apart.
    const list = [...primary.map((name, at) => `${quoteName(name)} k${at}`), `${own} at`].join(',')
    const orders = [...(primary.length > 0 ? [primary] : []), ...(leads ? [[column]] : [])]
    const ends = orders.flatMap((order) =>
      (primary.length > 0 ? ['', ' DESC'] : [' DESC']).map(
        (way) => ` ORDER BY ${order.map((name) => `${quoteName(name)}${way}`).join(',')}`,
      ),
    )
    const reads = (ends.length === 0 ? [''] : ends).map(
      (end) => `(SELECT ${list} FROM ${from}${end} LIMIT ${atEachEnd})`,
    )
    const isOutside = `NOT (${isOfPiece(piece, 'at')})`
    const cell = (aggregate: string): string => `CAST(${aggregate}(IF(${isOutside},at,NULL)) AS CHAR)`
    const [row = []] = await ask(
      `SELECT ${ownHint} COUNT(*),COALESCE(SUM(${isOutside}),0),${cell('MIN')},${cell('MAX')} FROM (${reads.join(primary.length > 0 ? ' UNION ' : ' UNION ALL ')}) s`,
    )
    const [read, outside, earliest, latest] = row
    const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value))
    return { read: Number(read), outside: Number(outside), earliest: text(earliest), latest: text(latest) }
  })
})

/** The primary key, and whether an index begins with the column. */
async function readOrders(
  ask: Ask,
  { target }: ShardStore,
  table: string,
  column: string,
): Promise<{ readonly primary: readonly string[]; readonly leads: boolean }> {
  const rows = await ask(
    `SELECT INDEX_NAME,COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${quoteString(target.schema)} AND TABLE_NAME=${quoteString(table)} AND COLUMN_NAME IS NOT NULL ORDER BY INDEX_NAME<>'PRIMARY',INDEX_NAME,SEQ_IN_INDEX`,
  )
  const primary = rows.flatMap(([index, name]) => (index === 'PRIMARY' ? [String(name)] : []))
  const firsts = new Set<unknown>()
  const leads = rows.some(([index, name]) => {
    const isFirst = !firsts.has(index)
    firsts.add(index)
    return isFirst && String(name).toLowerCase() === column.toLowerCase()
  })
  return { primary, leads }
}
