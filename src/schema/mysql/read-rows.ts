import type { ColumnSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import type { Asker } from '../../mysql/connection.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { TableRows } from '../ports.ts'

/**
 * All rows of a table as SQL literals that recreate them exactly, in the order of the primary key, or sorted where there is none. The
 * session must read TIMESTAMP in the time zone in which the literals will run.
 */
export async function readLiterals(connection: Asker, schema: string, table: TableSnapshot): Promise<TableRows> {
  const columns = table.columns.filter(({ generated }) => generated === null)
  const name = quoteQualified(schema, table.name)
  const [primary] = table.indexes.filter((index) => index.name === 'PRIMARY')
  const order = primary === undefined ? '' : ` ORDER BY ${primary.columns.map(quoteName).join(',')}`
  const { rows } = await connection.ask(`SELECT ${ownHint} ${columns.map(expressionOf).join(',')} FROM ${name}${order}`)
  const literals = rows.map((row) => row.map((cell, index) => literalOf(columns[index], cell)))
  const sorted = primary === undefined ? literals.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)) : literals
  return {
    table: table.name,
    columns: columns.map((column) => column.name),
    rows: sorted,
    counter: await readCounter(connection, name, table),
  }
}

/** The next AUTO_INCREMENT value, where it is not the highest value plus one. */
async function readCounter(connection: Asker, name: string, { columns }: TableSnapshot): Promise<string | null> {
  const column = columns.find(({ autoIncrement }) => autoIncrement)
  if (column === undefined) return null
  const { rows } = await connection.ask(`SHOW CREATE TABLE ${name}`)
  const counter = /\n\)[^\n']*? AUTO_INCREMENT=(\d+)/.exec(String(rows[0]?.[1]))?.[1]
  if (counter === undefined) return null
  const highest = await connection.ask(
    `SELECT ${ownHint} CAST(COALESCE(MAX(${quoteName(column.name)}),0)+1 AS CHAR) FROM ${name}`,
  )
  return String(highest.rows[0]?.[0]) === counter ? null : counter
}

const numeric = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|double|year)\b/
const bytes =
  /^(?:binary|varbinary|tinyblob|blob|mediumblob|longblob|bit|geometry|point|linestring|polygon|multi\w+|geom\w*|vector)\b/

/** As text. A FLOAT shows six of its digits unless it becomes a DOUBLE; an ENUM first shows whether it holds none of its members. */
function expressionOf({ name, type }: ColumnSnapshot): string {
  const column = quoteName(name)
  if (bytes.test(type)) return `HEX(${column})`
  if (/^enum\b/.test(type)) return `CONCAT(${column}+0=0,CAST(${column} AS CHAR))`
  return `CAST(${/^float\b/.test(type) ? `${column}*1E0` : column} AS CHAR)`
}

function literalOf(column: ColumnSnapshot | undefined, cell: unknown): string {
  if (cell === null || cell === undefined) return 'NULL'
  const text = String(cell)
  const type = column?.type ?? ''
  if (bytes.test(type)) return text === '' ? "''" : `0x${text.length % 2 === 0 ? text : `0${text}`}`
  if (/^enum\b/.test(type)) return text.startsWith('1') ? '0' : quoteText(text.slice(1))
  if (numeric.test(type) || /^float\b/.test(type)) return text
  return quoteText(text)
}

/** As it is, where it means the same under every sql_mode and contains nothing that wwdb replaces. */
function quoteText(text: string): string {
  return /[\\\p{Cc}]|\{\{/u.test(text) ? quoteString(text) : `'${text.replaceAll("'", "''")}'`
}
