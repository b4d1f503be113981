import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { KeyColumn, KeyGroup, KeySide, KeyTable } from '../ports.ts'

const numbers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year', 'bit'])
const reals = new Set(['float', 'double'])
const bytes = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'])

/** Dates and times count as text: a server reads text as a date. */
function kindOf(dataType: string): KeyColumn['kind'] {
  if (numbers.has(dataType)) return 'number'
  if (reals.has(dataType)) return 'real'
  return bytes.has(dataType) ? 'bytes' : 'text'
}

/** Tables in one query: some 60 KB of names. */
const mostNames = 1000

/** The columns and primary keys of tables or views, by name; without those whose columns the user may not see. */
export async function describeTables(
  connection: Connection,
  schema: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, KeyTable>> {
  const described = new Map<string, { columns: KeyColumn[]; primaryKey: string[] }>()
  for (let at = 0; at < tables.length; at += mostNames) {
    const asked = new Map(tables.slice(at, at + mostNames).map((table) => [table.toLowerCase(), table]))
    const names = [...asked.values()].map(quoteString).join(',')
    const where = `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${names})`
    const columns = await connection.ask(
      `SELECT TABLE_NAME,COLUMN_NAME,DATA_TYPE,COLLATION_NAME FROM information_schema.COLUMNS WHERE ${where} ORDER BY TABLE_NAME,ORDINAL_POSITION`,
    )
    const primary = await connection.ask(
      `SELECT TABLE_NAME,COLUMN_NAME FROM information_schema.STATISTICS WHERE ${where} AND INDEX_NAME='PRIMARY' ORDER BY TABLE_NAME,SEQ_IN_INDEX`,
    )
    const found = (name: Cell | undefined) => {
      const table = asked.get(String(name).toLowerCase()) ?? String(name)
      const known = described.get(table) ?? { columns: [], primaryKey: [] }
      described.set(table, known)
      return known
    }
    for (const [table, ...column] of columns.rows) found(table).columns.push(toColumn(column))
    for (const [table, name] of primary.rows) found(table).primaryKey.push(String(name))
  }
  return described
}

function toColumn([name, type, collation]: Row): KeyColumn {
  return {
    name: String(name),
    kind: kindOf(String(type).toLowerCase()),
    collation: collation === null || collation === undefined ? null : String(collation),
  }
}

export function columnName(alias: string, column: KeyColumn): string {
  return `${alias}.${quoteName(column.name)}`
}

/** How a column's value is transferred: as text that loses nothing, whatever character sets are on the way. */
export function exactText(alias: string, column: KeyColumn): string {
  const name = columnName(alias, column)
  switch (column.kind) {
    case 'number':
      // Adding 0 turns BIT into a number, and removes the leading zeros of ZEROFILL.
      return `CAST(${name}+0 AS CHAR)`
    case 'real':
      // A FLOAT is printed with six digits; as a DOUBLE, with all that distinguish it.
      return `CAST(${name}+0e0 AS CHAR)`
    case 'bytes':
      return `HEX(${name})`
    case 'text':
      return `HEX(CONVERT(${name} USING utf8mb4))`
  }
}

/**
 * What values are grouped by: a number itself, so that an index can serve, else the exact text. By their collation `a` and
 * `A` may be equal here and distinct where they are looked up.
 */
export function groupBy(alias: string, column: KeyColumn): string {
  return column.kind === 'number' || column.kind === 'real' ? columnName(alias, column) : exactText(alias, column)
}

/**
 * Literals instead of function values: a literal takes the collation of the column that it is compared with (manual,
 * "Collation Coercibility in Expressions").
 */
function toLiteral(column: KeyColumn, text: string): string {
  switch (column.kind) {
    case 'number':
      return text
    case 'real':
      return /e/i.test(text) ? text : `${text}e0`
    case 'bytes':
      return `X'${text}'`
    case 'text':
      return `_utf8mb4 X'${text}'`
  }
}

function toText(column: KeyColumn, text: string): string {
  if (column.kind === 'bytes') return `0x${text}`
  return column.kind === 'text' ? Buffer.from(text, 'hex').toString('utf8') : text
}

/** A row of exact texts, in the order of the side's columns, with the count of its rows where there is one. */
export function toGroup(side: KeySide, row: Row): KeyGroup {
  const cells = side.columns.map((column, index) => ({ column, text: String(row[index]) }))
  return {
    literals: cells.map(({ column, text }) => toLiteral(column, text)),
    texts: cells.map(({ column, text }) => toText(column, text)),
    rows: Number(row[side.columns.length] ?? 1),
  }
}

/** The character set of a text, where it cannot represent every literal; null where it can. */
function smallCharset({ kind, collation }: KeyColumn, literal: string): string | null {
  if (kind !== 'text' || collation === null || collation.startsWith('utf8mb4') || !literal.startsWith('_')) return null
  return collation.split('_')[0] ?? null
}

/**
 * Converts a literal so that a column can be compared with it. Without that, the server refuses to compare a LATIN1 column
 * with characters that LATIN1 does not have (errors 1271 and 3854). The conversion may lose characters: see `isLossless`.
 */
export function comparable(column: KeyColumn, literal: string): string {
  const charset = smallCharset(column, literal)
  return charset === null ? literal : `CONVERT(${literal} USING ${charset}) COLLATE ${column.collation}`
}

/** A condition that is false where `comparable` loses something; null where it never does. */
export function isLossless(column: KeyColumn, literal: string): string | null {
  const charset = smallCharset(column, literal)
  if (charset === null) return null
  return `CONVERT(CONVERT(${literal} USING ${charset}) USING utf8mb4) COLLATE utf8mb4_bin=${literal}`
}

/** Two keys have the same identity only if they are equal character by character; `42` is that of a number and of a text. */
export function identityOf(group: KeyGroup): string {
  return group.literals
    .map((literal, index) => (literal.startsWith('X') ? literal : (group.texts[index] ?? '')))
    .join('\0')
}
