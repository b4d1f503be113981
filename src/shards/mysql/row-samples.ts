import { classifyRunError, translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import { driverOf } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { rowSamplers, type SampledRows, type UnreadRows } from '../inspect/sample-rows.ts'
import type { ShardStore } from '../ports.ts'
import { isOfPiece, type Piece } from '../split/piece.ts'
import { insideOf } from './store.ts'

/** Rows that are read at each end of a shard, by each of its orders. */
const atEachEnd = 1000

type Ask = (text: string) => Promise<readonly (readonly unknown[])[]>

/** Reads rows at the borders of a shard, on the connection of its store. */
export const driver = driverOf(rowSamplers, () => (store) => async (piece, column) => {
  const { connection } = insideOf(store)
  const ask: Ask = async (text) => (await connection.ask(text)).rows
  return translatingErrors(store.target, async () => {
    try {
      return await sample(ask, store, piece, column)
    } catch (error) {
      const why = explain(error, column)
      if (why === null) throw error
      return { type: 'unread', why } satisfies UnreadRows
    }
  })
})

/** What the server says of this table alone, as a clause: a rotation may have renamed it since tables were listed. Null for what is of the connection, or was stopped. */
function explain(error: unknown, column: string): string | null {
  if (hasNumber(error, serverErrors.unknownTable)) return 'it does not exist under this name any more'
  if (hasNumber(error, serverErrors.unknownColumn)) return `it has no column \`${column}\``
  const failure = classifyRunError(error)
  return failure?.type === 'refused' ? `the server refuses it (${failure.why})` : null
}

async function sample(ask: Ask, store: ShardStore, piece: Piece, column: string): Promise<SampledRows> {
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
  const reads = (ends.length === 0 ? [''] : ends).map((end) => `(SELECT ${list} FROM ${from}${end} LIMIT ${atEachEnd})`)
  const isOutside = `(at IS NOT NULL AND NOT (${isOfPiece(piece, 'at')}))`
  const cell = (aggregate: string): string => `CAST(${aggregate}(IF(${isOutside},at,NULL)) AS CHAR)`
  const [row = []] = await ask(
    `SELECT ${ownHint} COUNT(*),COALESCE(SUM(${isOutside}),0),${cell('MIN')},${cell('MAX')},COALESCE(SUM(at IS NULL),0) FROM (${reads.join(primary.length > 0 ? ' UNION ' : ' UNION ALL ')}) s`,
  )
  const [read, outside, earliest, latest, timeless] = row
  const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value))
  return {
    type: 'sampled',
    where: primary.length > 0 ? 'both ends' : leads ? 'last times' : 'no order',
    read: Number(read),
    outside: Number(outside),
    earliest: text(earliest),
    latest: text(latest),
    timeless: Number(timeless),
  }
}

/** The primary key, and whether an index begins with the column. By an index that the optimizer does not read, or that has parts of values, the whole table would be sorted. */
async function readOrders(
  ask: Ask,
  { target }: ShardStore,
  table: string,
  column: string,
): Promise<{ readonly primary: readonly string[]; readonly leads: boolean }> {
  const rows = await ask(
    `SELECT INDEX_NAME='PRIMARY',COLUMN_NAME,SEQ_IN_INDEX,SUB_PART FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${quoteString(target.schema)} AND TABLE_NAME=${quoteString(table)} AND IS_VISIBLE='YES' AND INDEX_TYPE='BTREE' ORDER BY INDEX_NAME,SEQ_IN_INDEX`,
  )
  const primary = rows.filter(([isPrimary]) => Number(isPrimary) === 1)
  const leads = rows.some(
    ([, name, at, part]) => Number(at) === 1 && part === null && String(name).toLowerCase() === column.toLowerCase(),
  )
  return {
    primary: primary.every(([, , , part]) => part === null) ? primary.map(([, name]) => String(name)) : [],
    leads,
  }
}
