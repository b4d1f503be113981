import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { KeyRange } from '../batches/key-range.ts'
import type { Kept } from './kept.ts'
import { afterName, areSame, asItIs, beforeName, joinOn, keyName, undoAlias, undoRange } from './undo-table.ts'

/**
 * What becomes of a row that is kept:
 * - `undone`  it is put back already, or removed where the batch added it
 * - `ready`   nobody changed it since: it can be put back, or removed
 * - `changed` others have changed one of the columns since
 * - `gone`    others have deleted it since
 * - `taken`   others have inserted a row of the same key since it was deleted
 */
export type KeptState = 'undone' | 'ready' | 'changed' | 'gone' | 'taken'

const row = quoteName('wwdb_row')
const undo = quoteName(undoAlias)

const tableOf = ({ schema, table }: Kept): string => quoteQualified(schema, table)

/** Whether others have changed none of the columns that the statement set. */
function isAsWritten({ columns }: Kept): string {
  const same = columns.flatMap(({ name, isCompared }, at) =>
    isCompared ? [areSame(`${row}.${quoteName(name)}`, `${undo}.${afterName(at)}`)] : [],
  )
  return same.length === 0 ? 'TRUE' : same.join(' AND ')
}

const isMissing = ({ key }: Kept): string => `${row}.${quoteName(key.columns[0]?.name ?? '')} IS NULL`

function stateOf(kept: Kept): string {
  const rest =
    kept.verb === 'DELETE'
      ? `WHEN ${isMissing(kept)} THEN 'ready' ELSE 'taken'`
      : `WHEN ${isMissing(kept)} THEN 'gone' WHEN ${isAsWritten(kept)} THEN 'ready' ELSE 'changed'`
  return `CASE WHEN ${undo}.undone=1 THEN 'undone' ${rest} END`
}

const joined = (name: string, kept: Kept): string =>
  `${quoteName(name)} AS ${undo} LEFT JOIN ${tableOf(kept)} AS wwdb_row ON ${joinOn(kept, 'wwdb_row')}`

/** Asks how many rows are in each state. */
export function countStates(name: string, kept: Kept): string {
  return `SELECT ${stateOf(kept)} AS wwdb_state,CAST(COUNT(*) AS CHAR) FROM ${joined(name, kept)} GROUP BY wwdb_state`
}

/** Asks for the keys of rows that cannot be put back, each with its state; `ready` are those that the server refused. */
export function listLeft(name: string, kept: Kept, most: number, withReady: boolean): string {
  const keys = kept.key.columns.map(({ kind }, at) => {
    const path = `${undo}.${keyName(at)}`
    return kind === 'text' || kind === 'bytes' ? `HEX(${path})` : `CAST(${path} AS CHAR)`
  })
  const states = withReady ? "'undone'" : "'undone','ready'"
  const order = kept.key.columns.map((_, at) => `${undo}.${keyName(at)}`).join(',')
  return `SELECT ${stateOf(kept)} AS wwdb_state,${keys.join(',')} FROM ${joined(name, kept)} HAVING wwdb_state NOT IN (${states}) ORDER BY ${order} LIMIT ${most}`
}

/**
 * Puts back a range of rows, or removes those that the batch added, within one transaction: claims those that nobody changed, and locks them; puts them back; marks them. The first answers with how many
 * they are. A row that is put back is marked in the same transaction, so that none is put back twice.
 */
export function putBack(name: string, kept: Kept, range: KeyRange): readonly [string, ...string[]] {
  const within = undoRange(kept, range)
  const own = `${quoteName(name)} AS ${undo}`
  const join = `JOIN ${tableOf(kept)} AS wwdb_row ON ${joinOn(kept, 'wwdb_row')}`
  const done = `UPDATE ${own} SET ${undo}.undone=1 WHERE ${within} AND ${undo}.undone=2`
  if (kept.verb === 'DELETE') {
    const columns = [...kept.key.columns, ...kept.columns].map((column) => quoteName(column.name))
    const values = [
      ...kept.key.columns.map((_, at) => `${undo}.${keyName(at)}`),
      ...kept.columns.map((_, at) => `${undo}.${beforeName(at)}`),
    ]
    return [
      `UPDATE ${own} LEFT ${join} SET ${undo}.undone=2 WHERE ${within} AND ${undo}.undone=0 AND ${isMissing(kept)}`,
      `INSERT ${asItIs} INTO ${tableOf(kept)} (${columns.join(',')}) SELECT ${values.join(',')} FROM ${own} WHERE ${within} AND ${undo}.undone=2`,
      done,
    ]
  }
  const claim = `UPDATE ${own} ${join} SET ${undo}.undone=2 WHERE ${within} AND ${undo}.undone=0 AND ${isAsWritten(kept)}`
  if (kept.verb === 'INSERT')
    return [claim, `DELETE ${row} FROM ${own} ${join} WHERE ${within} AND ${undo}.undone=2`, done]
  // What the server set beside it, such as the time of the change, belongs to whoever changed the row last.
  const values = kept.columns.map(({ name: column, isCompared }, at) => {
    const path = `${row}.${quoteName(column)}`
    const before = `${undo}.${beforeName(at)}`
    return `${path}=${isCompared ? before : `IF(${areSame(path, `${undo}.${afterName(at)}`)},${before},${path})`}`
  })
  return [claim, `UPDATE ${asItIs} ${own} ${join} SET ${values.join(',')} WHERE ${within} AND ${undo}.undone=2`, done]
}
