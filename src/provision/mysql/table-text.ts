import type { Connection } from '../../mysql/connection.ts'
import { quoteQualified } from '../../sql/quote-name.ts'

/** A table by its schema and its name. */
export type NamedTable = readonly [schema: string, table: string]

const impliedCollation = /^( {2}`(?:[^`]|``)+` \w+(?:\((?:[^()']|'(?:[^']|'')*')*\))?) COLLATE (\w+)/gm

/**
 * The server writes the collation of a column that nobody gave one, where the table's is not its character set's default; given
 * again, it would count as given, and be written with its character set from then on (seen on 8.0.12 and 9.7).
 */
function withoutImpliedCollations(text: string): string {
  const usual = /^\).* COLLATE=(\w+)/m.exec(text)?.[1]
  return text.replace(impliedCollation, (whole, column: string, collation: string) =>
    collation === usual ? column : whole,
  )
}

/** SHOW CREATE TABLE of each, in one packet. Throws the server's error where one is not there. */
export async function readTableTexts(connection: Connection, names: readonly NamedTable[]): Promise<readonly string[]> {
  if (names.length === 0) return []
  const text = names.map(([schema, table]) => `SHOW CREATE TABLE ${quoteQualified(schema, table)}`).join(';')
  const answers = await connection.askAll(text)
  return answers.map(({ rows }) => withoutImpliedCollations(String(rows[0]?.[1])))
}

const counter = /(\n\)[^\n]*?) AUTO_INCREMENT=(\d+)/

/** The definition without what moves with every row. */
export function withoutCounter(text: string): string {
  return text.replace(counter, '$1')
}

/** What AUTO_INCREMENT stands at, in decimal; 1 where the server does not say. */
export function counterOf(text: string): string {
  return counter.exec(text)?.[2] ?? '1'
}
