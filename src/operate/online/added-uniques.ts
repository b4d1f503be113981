import { kindOf, partsOf, typeOf } from '../../ddl/read-parts.ts'
import { type Column, findKnownColumn, type Index, type Table } from '../../ddl/table.ts'
import { isMark, isName, isWord } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { type Token, tokenize } from '../../sql/tokens.ts'

/** A unique key that only the copy has, or that has other values in the table. */
export interface AddedUnique {
  readonly name: string
  /** Expressions on the table's columns, each with the type and collation that the copy will have. */
  readonly parts: readonly string[]
}

const isUnique = (index: Index): boolean => kindOf(index) === 'UNIQUE' || kindOf(index) === 'PRIMARY'

/** The unique keys that the copy gets and in which rows of the table may be equal, and those of which nobody can ask that. */
export function compareUniques(
  before: Table,
  after: Table,
  renamed: ReadonlyMap<string, string>,
): { readonly uniques: readonly AddedUnique[]; readonly objections: readonly string[] } {
  const oldNames = new Map([...renamed].map(([old, name]) => [name, old]))
  const uniques: AddedUnique[] = []
  const objections: string[] = []
  for (const index of after.indexes.filter(isUnique)) {
    if (before.indexes.some((own) => isUnique(own) && isAsStrict(own, index, { before, after, oldNames }))) continue
    const tables = { before, after, oldNames }
    const parts = partsOf(index).map((part, at) =>
      part.column === null ? valueInCopy(textOf(index, at), tables) : expressionOf(part, tables),
    )
    if (parts.every((part) => part !== null)) uniques.push({ name: index.name, parts })
    else
      objections.push(
        `whether rows become equal in the unique key \`${index.name}\` cannot be asked of the table as it is`,
      )
  }
  return { uniques, objections }
}

interface BothTables {
  readonly before: Table
  readonly after: Table
  readonly oldNames: ReadonlyMap<string, string>
}

/** Whether rows that an existing key tells apart are told apart by the new one as well. */
function isAsStrict(own: Index, next: Index, tables: BothTables): boolean {
  const { before, after, oldNames } = tables
  const [olds, news] = [partsOf(own), partsOf(next)]
  if (olds.length !== news.length) return false
  return olds.every((old, at) => {
    const part = news[at]
    if (part?.column === null && old.column === null)
      return textOf(own, at) === textOf(next, at) && isUntouched(textOf(next, at), tables)
    if (part === undefined || part.column === null || old.column === null || part.length !== old.length) return false
    const name = oldNames.get(part.column.toLowerCase()) ?? part.column.toLowerCase()
    if (name !== old.column.toLowerCase()) return false
    const [from, to] = [findKnownColumn(before, old.column), findKnownColumn(after, part.column)]
    return from !== null && to !== null && keepsApart(from, to) && isComputedAlike(from, to, tables)
  })
}

const integers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']

/** Whether values that differ in one column differ in the other: the same type, or one that holds more. */
function keepsApart(from: Column, to: Column): boolean {
  const [old, next] = [typeOf(from), typeOf(to)]
  if (old === null || next === null || from.collation !== to.collation || old.charset !== next.charset) return false
  const [small, large] = [integers.indexOf(old.base), integers.indexOf(next.base)]
  if (small >= 0 && large >= 0) return large >= small && old.unsigned === next.unsigned
  if (old.base !== next.base) return false
  if (old.arguments.join() === next.arguments.join()) return true
  return /^var(?:char|binary)$/.test(old.base) && Number(next.arguments[0]) >= Number(old.arguments[0])
}

interface KeyPart {
  readonly column: string | null
  readonly length: number | null
}

/** The value that a column of the copy will have, read from the table; null where that cannot be written. */
function expressionOf({ column, length }: KeyPart, tables: BothTables): string | null {
  const { before, after, oldNames } = tables
  if (column === null) return null
  const next = findKnownColumn(after, column)
  const own = findKnownColumn(before, oldNames.get(column.toLowerCase()) ?? column)
  if (next === null || own === null || !isComputedAlike(own, next, tables)) return null
  const [to, from] = [typeOf(next), typeOf(own)]
  if (to === null || from === null || to.base !== from.base) return null
  if (to.arguments.join() !== from.arguments.join() && !keepsApart({ ...own, collation: next.collation }, next))
    return null
  const name = quoteName(own.name)
  const isText = to.charset !== null || next.collation !== null
  const isSame = own.collation === next.collation && from.charset === to.charset
  if (!isText || isSame) return length === null ? name : `LEFT(${name},${length})`
  const collation = next.collation ?? null
  if (collation === null) return null
  const charset = collation.includes('_') ? collation.split('_')[0] : collation
  const converted = `CONVERT(${name} USING ${charset})${collation.includes('_') ? ` COLLATE ${collation}` : ''}`
  return length === null ? converted : `LEFT(${converted},${length})`
}

/** The text of a part that is an expression. */
const textOf = (index: Index, at: number): string => (index.columns[at] ?? '').replace(/\s+(?:ASC|DESC)$/i, '')

/** The tokens of an expression that name columns. */
function namedColumns(text: string, table: Table): readonly { readonly token: Token; readonly column: Column }[] {
  const tokens = tokenize(text)
  return tokens.flatMap((token, at) => {
    if (!isName(token) || isMark(tokens[at + 1], '(')) return []
    const column = findKnownColumn(table, token.text)
    return column === null ? [] : [{ token, column }]
  })
}

/**
 * Whether an expression has of each row the value that it had: each column that it names has its values, and takes them for equal as before. The text of a key that the
 * table has is not read: it may name any column that the table has.
 */
function isUntouched(text: string, tables: BothTables): boolean {
  const { before, after, oldNames } = tables
  const named = text === '' ? after.columns : namedColumns(text, after).map(({ column }) => column)
  return named.every((column) => {
    const own = findKnownColumn(before, oldNames.get(column.name.toLowerCase()) ?? column.name)
    return own === null ? text === '' : keepsApart(own, column) && isComputedAlike(own, column, tables)
  })
}

/** Whether a column that the server computes has of each row the value that it had; one that it does not compute is copied. */
function isComputedAlike(from: Column, { generated }: Column, tables: BothTables): boolean {
  if (generated === null) return true
  return from.generated?.expression === generated.expression && isUntouched(generated.expression, tables)
}

/** The value that an expression will have in the copy, read from the table; null where that cannot be written: a value for each element of an array, for one. */
function valueInCopy(text: string, tables: BothTables): string | null {
  // The text of a string with a backslash is not known.
  if (text === '' || text.includes('\\') || tokenize(text).some((token) => isWord(token, 'ARRAY'))) return null
  let [value, end] = ['', 0]
  for (const { token, column } of namedColumns(text, tables.after)) {
    const read = expressionOf({ column: column.name, length: null }, tables)
    if (read === null) return null
    value += `${text.slice(end, token.start)}${read.includes(' ') ? `(${read})` : read}`
    end = token.end
  }
  return `${value}${text.slice(end)}`
}

/** A query that has a row where rows would be equal in the key; rows with NULL never are. */
export function selectDuplicates(table: string, { parts }: AddedUnique): string {
  const known = parts.map((part) => `${part} IS NOT NULL`).join(' AND ')
  return `SELECT COUNT(*) FROM ${table} WHERE ${known} GROUP BY ${parts.join(',')} HAVING COUNT(*)>1 LIMIT 1`
}
