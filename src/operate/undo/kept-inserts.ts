import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { BatchTable } from '../batches/batch-table.ts'
import { listKeys, type WalkKey } from '../batches/choose-key.ts'
import type { Walk } from '../batches/read-walk.ts'
import { type Kept, type KeptChoice, keepColumns, refuse, whyNotUndone } from './kept.ts'
import { canForetellKeys, type Inserted, readInserted } from './read-inserted.ts'
import { afterName, asItIs, joinOn, keyName, undoAlias } from './undo-table.ts'

// Of rows that a statement adds, the undo table has the key and the values as they are then: those that nobody changed since can be deleted again. Which rows they
// are is told in one of two ways. Where the statement gives the values of a unique key, its SELECT is asked for them in the transaction of the chunk, and before it
// runs; what it adds must be exactly these. Where the key is counted by AUTO_INCREMENT, the rows are those that the transaction sees behind its first number: it sees
// nothing that others have committed meanwhile, and as many as it has added must be there.

/** What is kept of the rows that a statement adds to a table, or why they cannot be told. */
export function chooseInserted(into: BatchTable, walk: Walk): KeptChoice {
  const inserted = readInserted(walk)
  if (typeof inserted === 'string') return refuse(inserted)
  const { name, schema } = into
  if (into.engine?.toLowerCase() !== 'innodb')
    return refuse(`\`${name}\` has the engine ${into.engine ?? 'of no table'}.`)
  const why = whyNotUndone(into, walk, 'INSERT')
  if (why !== null) return refuse(why)
  const key = chooseKeptKey(into, walk, inserted)
  if (typeof key === 'string') return refuse(key)
  const columns = keepColumns(into, walk, key.key, 'INSERT')
  if (typeof columns === 'string') return refuse(columns)
  const given = orderOf(inserted.columns, into)
  const kept = { verb: 'INSERT', schema, table: name, ...columns, isCounted: key.isCounted, given } as const
  const unknown = given.find((column) => storedName(kept, column) === null)
  return unknown === undefined
    ? { type: 'kept', kept }
    : refuse(`\`${name}\` has no column \`${unknown}\` to which values can be given.`)
}

interface KeptKey {
  readonly key: WalkKey
  readonly isCounted: boolean
}

function chooseKeptKey(into: BatchTable, walk: Walk, inserted: Inserted): KeptKey | string {
  const order = orderOf(inserted.columns, into)
  const keys = listKeys(into)
  const given = keys.filter(({ columns }) => columns.every(({ name }) => order.includes(name.toLowerCase())))
  const isForetold = ({ columns }: WalkKey): boolean => {
    const places = columns.map(({ name }) => order.indexOf(name.toLowerCase()))
    return canForetellKeys(walk, inserted, places)
  }
  const key = given.find(isForetold)
  if (key !== undefined) return { key, isCounted: false }
  const counted = keys.find(({ columns: [column, ...others] }) => {
    const own = into.columns.find(({ name }) => name === column?.name)
    return others.length === 0 && own?.isCounted === true && !order.includes(own.name.toLowerCase())
  })
  if (counted !== undefined) return { key: counted, isCounted: true }
  const [first] = given
  if (first === undefined)
    return `\`${into.name}\` has no unique key whose values the statement gives, and none that AUTO_INCREMENT counts. Rows that it adds are not told from rows that others add.`
  return `The values of the key \`${first.index}\` of \`${into.name}\` may be others each time when they are asked for. Rows that it adds are not told from rows that others add.`
}

/** The names of the columns that it gives, in the order of its SELECT and in lower case. */
function orderOf(columns: readonly string[] | null, { columns: own }: BatchTable): readonly string[] {
  const names = columns ?? own.filter(({ isVisible }) => isVisible).map(({ name }) => name)
  return names.map((name) => name.toLowerCase())
}

/** Asks the SELECT of a chunk for the rows that it will add. @param text the chunk */
export function foretellRows(
  name: string,
  kept: Kept,
  { select, from }: Inserted,
  text: string,
  chunk: number,
): string {
  const own = (kept.given ?? []).map((column) => storedName(kept, column))
  return `INSERT INTO ${quoteName(name)} (${own.join(',')},chunk) ${text.slice(select, from)}\n,${chunk} ${text.slice(from)}`
}

/** The column of the undo table that has the values of one of the table; null for one that the server computes, or that is not there. */
function storedName({ key, columns }: Pick<Kept, 'key' | 'columns'>, column: string): string | null {
  const isIt = ({ name }: { readonly name: string }): boolean => name.toLowerCase() === column
  const at = columns.findIndex(isIt)
  if (at >= 0) return afterName(at)
  const own = key.columns.findIndex(isIt)
  return own < 0 ? null : keyName(own)
}

/** Asks for the numbers that AUTO_INCREMENT has given to the rows of the statement before. */
export function selectCounted({ schema, table, key }: Kept): string {
  const column = quoteName(key.columns[0]?.name ?? '')
  return `SELECT CAST(${column} AS CHAR) FROM ${quoteQualified(schema, table)} WHERE ${column}>=LAST_INSERT_ID()`
}

export function keepCounted(name: string, numbers: readonly string[], chunk: number): string {
  return `INSERT INTO ${quoteName(name)} (${keyName(0)},chunk) VALUES ${numbers.map((number) => `(${number},${chunk})`).join(',')}`
}

const from = (name: string): string => `${quoteName(name)} AS ${quoteName(undoAlias)}`

const joinRow = (kept: Kept): string =>
  `${quoteQualified(kept.schema, kept.table)} AS wwdb_row ON ${joinOn(kept, 'wwdb_row')}`

/** What follows the statement in the transaction of its chunk: the rows are kept as the table has them. Null where a key is all that they have. */
export function readAdded(name: string, kept: Kept, chunk: number): string | null {
  const written = kept.columns.map(
    (column, at) => `${quoteName(undoAlias)}.${afterName(at)}=wwdb_row.${quoteName(column.name)}`,
  )
  if (written.length === 0) return null
  return `UPDATE ${asItIs} ${from(name)} JOIN ${joinRow(kept)} SET ${written.join(',')} WHERE ${quoteName(undoAlias)}.chunk=${chunk}`
}

/** Asks how many rows of a chunk are kept, and how many of them the table has. */
export function countAdded(name: string, kept: Kept, chunk: number): string {
  const column = `wwdb_row.${quoteName(kept.key.columns[0]?.name ?? '')}`
  return `SELECT CAST(COUNT(*) AS CHAR),CAST(COUNT(${column}) AS CHAR) FROM ${from(name)} LEFT JOIN ${joinRow(kept)} WHERE ${quoteName(undoAlias)}.chunk=${chunk}`
}

/** Asks for the last chunk whose rows are kept. */
export const selectLastChunk = (name: string): string =>
  `SELECT CAST(COALESCE(MAX(chunk),0) AS CHAR) FROM ${quoteName(name)}`
