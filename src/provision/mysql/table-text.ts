import type { Connection } from '../../mysql/connection.ts'
import { ownSession, pinMonitor } from '../../mysql/pinned-session.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RecipeTable } from '../ports.ts'

/** A table by its schema and its name. */
export type NamedTable = readonly [schema: string, table: string]

const impliedCollation = /^( {2}`(?:[^`]|``)+` \w+(?:\((?:[^()']|'(?:[^']|'')*')*\))?) COLLATE (\w+)/gm

/**
 * The server writes the collation of a column without its own, where the table's is not its character set's default; given
 * again, it would count as given, and be written with its character set from then on (seen on 8.0.12 and 9.7).
 */
function withoutImpliedCollations(text: string): string {
  const usual = /^\).* COLLATE=(\w+)/m.exec(text)?.[1]
  return text.replace(impliedCollation, (whole, column: string, collation: string) =>
    collation === usual ? column : whole,
  )
}

/** SHOW CREATE TABLE of each, in one packet. Throws the server's error where one does not exist. */
export async function readTableTexts(connection: Connection, names: readonly NamedTable[]): Promise<readonly string[]> {
  if (names.length === 0) return []
  const text = names.map(([schema, table]) => `SHOW CREATE TABLE ${quoteQualified(schema, table)}`).join(';')
  const answers = await connection.askAll(text)
  return answers.map(({ rows }) => withoutImpliedCollations(String(rows[0]?.[1])))
}

const counter = /(\n\)[^\n']*?) AUTO_INCREMENT=(\d+)/

/** The definition without what moves with every row. */
export function withoutCounter(text: string): string {
  return text.replace(counter, '$1')
}

/** The value of AUTO_INCREMENT, in decimal; 1 where the server does not report it. */
export function counterOf(text: string): string {
  return counter.exec(text)?.[2] ?? '1'
}

/** The statement that fills a table of a clone from that of the template. */
export function renderRows(table: RecipeTable, from: string, to: string): string | null {
  if (table.columns === null) return null
  const target = quoteQualified(to + table.schema.slice(from.length), table.table)
  const names = table.columns.map(quoteName)
  return `INSERT INTO ${target} (${names.join(',')}) ${selectRows({ ...table, columns: table.columns }, from, to)}`
}

/** The rows of the template's table as the clone has them, under the names of its columns. */
export function selectRows(
  { schema, table, columns, naming }: RecipeTable & { readonly columns: readonly string[] },
  from: string,
  to: string,
): string {
  const values = columns.map((name) => {
    const value = renderValue(name, naming[name], from, to)
    return value === quoteName(name) ? value : `${value} AS ${quoteName(name)}`
  })
  return `SELECT ${values.join(',')} FROM ${quoteQualified(schema, table)}`
}

/** Our own tables name schemas: those of the clone must name the clone's. */
function renderValue(name: string, naming: 'json' | 'text' | undefined, from: string, to: string): string {
  const column = quoteName(name)
  const replaced = (text: string): string => `REPLACE(${text},${quoteString(from)},${quoteString(to)})`
  if (naming === 'json') return `CAST(${replaced(`CAST(${column} AS CHAR)`)} AS JSON)`
  return naming === 'text' ? replaced(column) : column
}

/**
 * A session that loads rows and definitions of a template, as dumps do: checks of the template's creation are not repeated, zeros stay
 * zeros, and reading the template locks none of its rows.
 * @param lockWait seconds to wait for a table or a row that others use
 * @param morePins what `openSession` found to be needed on this server
 */
export function loadingSession(lockWait: number, morePins: readonly string[] = []): string {
  return pinMonitor(lockWait * 1000, { ...ownSession, sqlMode: 'NO_AUTO_VALUE_ON_ZERO' }, [
    'foreign_key_checks=0',
    'unique_checks=0',
    `innodb_lock_wait_timeout=${lockWait}`,
    "transaction_isolation='READ-COMMITTED'",
    ...morePins,
  ])
}

/** The statement that makes a table in its schema, whichever one the session has. */
export function createTable({ schema, text }: { readonly schema: string; readonly text: string }): string {
  return text.replace(/^CREATE TABLE /, `CREATE TABLE ${quoteName(schema)}.`)
}
