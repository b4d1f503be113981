import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { WalkKey } from '../batches/choose-key.ts'
import { type KeyRange, renderRange } from '../batches/key-range.ts'
import type { Walk } from '../batches/read-walk.ts'
import type { Kept } from './kept.ts'
import { isPlainCondition } from './plain-condition.ts'

// An undo table has the columns `key_1`, ... of the key, `before_1`, ... of the values before the batch, of an UPDATE also `after_1`, ... of what the batch wrote,
// and `undone`: names of the table's own columns could be those of another one. That of an INSERT has no `before_1`, and `chunk`, by which the rows of a chunk are found.

export const keyName = (index: number): string => quoteName(`key_${index + 1}`)
export const beforeName = (index: number): string => quoteName(`before_${index + 1}`)
export const afterName = (index: number): string => quoteName(`after_${index + 1}`)

/** The alias of the undo table where it is joined. */
export const undoAlias = 'wwdb_undo_of'

/** The key of the undo table: that of the walked table, by its own names. */
export function undoKey(key: WalkKey): WalkKey {
  return { index: 'PRIMARY', columns: key.columns.map((column, at) => ({ ...column, name: `key_${at + 1}` })) }
}

/** Zero dates and a zero in an AUTO_INCREMENT column are kept and put back as they are. */
export const asItIs = "/*+ SET_VAR(sql_mode='STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO') */"

const comment = (name: string): string => `COMMENT '${name.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`

export function createUndoTable(name: string, kept: Kept): string {
  const { key, keyDefinitions, columns, table, verb } = kept
  const isAdded = verb === 'INSERT'
  const lines = [
    ...keyDefinitions.map((definition, at) => {
      const column = key.columns[at]?.name ?? ''
      return `${keyName(at)} ${definition} NOT NULL ${comment(column)}`
    }),
    ...columns.flatMap((column, at) => [
      ...(isAdded ? [] : [`${beforeName(at)} ${column.definition} NULL ${comment(column.name)}`]),
      ...(verb !== 'DELETE' ? [`${afterName(at)} ${column.definition} NULL ${comment(column.name)}`] : []),
    ]),
    `\`undone\` TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '1 once the row is ${isAdded ? 'removed' : 'put back'}'`,
    ...(isAdded ? ["`chunk` INT UNSIGNED NOT NULL COMMENT 'the chunk that added it'", 'KEY `chunk` (`chunk`)'] : []),
    `PRIMARY KEY (${key.columns.map((_, at) => keyName(at)).join(',')})`,
  ]
  return `CREATE TABLE ${quoteName(name)} (\n  ${lines.join(',\n  ')}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ${comment(`wwdb: rows of ${table} as ${isAdded ? 'a batch added them' : 'they were before a batch'}`)}`
}

/** The condition by which a row of the undo table and one of the table are the same. */
export function joinOn(kept: Kept, alias: string): string {
  return kept.key.columns
    .map(({ name }, at) => `${quoteName(alias)}.${quoteName(name)}=${quoteName(undoAlias)}.${keyName(at)}`)
    .join(' AND ')
}

/** True for equal values, also of collations that make other text equal. */
export const areSame = (left: string, right: string): string =>
  `(${left}<=>${right} AND CAST(${left} AS BINARY)<=>CAST(${right} AS BINARY))`

const undoPath = (column: string): string => `${quoteName(undoAlias)}.${column}`

/** The rows of a range of the undo table. */
export const undoRange = (kept: Kept, range: KeyRange): string => renderRange(undoAlias, undoKey(kept.key), range)

/** Whether the rows that the statement will change can be told beforehand: its condition gives the same answer twice, and nobody else changes them meanwhile. */
export function canForetell({ sources, condition }: Walk): boolean {
  return isPlainCondition(`${sources} ${condition ?? ''}`)
}

/**
 * Keeps the rows of a chunk as they are, and locks them. @param isWide true to keep every row of the range, also those that the statement will not change
 */
export function keepRows(name: string, kept: Kept, walk: Walk, range: KeyRange, isWide: boolean): string {
  const { alias, sources, condition, table } = walk
  const path = (column: string): string => `${quoteName(alias)}.${quoteName(column)}`
  const own = table.schema === null ? quoteName(table.name) : quoteQualified(table.schema, table.name)
  const from = isWide ? `${own} AS ${quoteName(alias)}` : sources
  const where = isWide || condition === null ? '' : `(${condition}\n) AND `
  const into = [...kept.key.columns.map((_, at) => keyName(at)), ...kept.columns.map((_, at) => beforeName(at))]
  const read = [...kept.key.columns, ...kept.columns].map(({ name: column }) => path(column))
  // A join may find a row several times.
  const again = `ON DUPLICATE KEY UPDATE ${keyName(0)}=${quoteName(name)}.${keyName(0)}`
  return `INSERT ${asItIs} INTO ${quoteName(name)} (${into.join(',')}) SELECT ${read.join(',')} FROM ${from}\nWHERE ${where}${renderRange(alias, kept.key, range)} FOR UPDATE OF ${quoteName(alias)} ${again}`
}

/** Asks how many rows of a range are kept. */
export function countKept(name: string, kept: Kept, range: KeyRange): string {
  return `SELECT CAST(COUNT(*) AS CHAR) FROM ${quoteName(name)} AS ${quoteName(undoAlias)} WHERE ${undoRange(kept, range)}`
}

/** What follows the statement in the transaction of its chunk: what it wrote is kept as well, and rows that it did not change are not. */
export function finishChunk(name: string, kept: Kept, range: KeyRange): readonly string[] {
  const undo = `${quoteName(name)} AS ${quoteName(undoAlias)}`
  const table = `${quoteQualified(kept.schema, kept.table)} AS wwdb_row`
  const within = undoRange(kept, range)
  if (kept.verb === 'DELETE')
    return [`DELETE ${quoteName(undoAlias)} FROM ${undo} JOIN ${table} ON ${joinOn(kept, 'wwdb_row')} WHERE ${within}`]
  const written = kept.columns.map(
    (column, at) => `${undoPath(afterName(at))}=${quoteName('wwdb_row')}.${quoteName(column.name)}`,
  )
  const unchanged = kept.columns.map((_, at) => areSame(undoPath(beforeName(at)), undoPath(afterName(at))))
  return [
    `UPDATE ${asItIs} ${undo} JOIN ${table} ON ${joinOn(kept, 'wwdb_row')} SET ${written.join(',')} WHERE ${within}`,
    `DELETE ${quoteName(undoAlias)} FROM ${undo} WHERE ${within} AND ${unchanged.join(' AND ')}`,
  ]
}
