import { type Clause, closingOf, inParentheses, isMark, isWord, splitAtCommas } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { isPlainInsert } from './plain-rows.ts'
import { readInsertedColumns } from './written-tables.ts'

/** Longer text is not read. */
const mostText = 262_144

/** The literals that an INSERT of rows writes into a column, as written; null where they cannot be read. */
export function readInsertedValues(
  statement: Statement,
  column: string,
  order: readonly string[],
): ReadonlySet<string> | null {
  if (!isPlainInsert(statement) || statement.text.length > mostText) return null
  const names = (readInsertedColumns(statement.text) ?? order).map((name) => name.toLowerCase())
  const at = names.indexOf(column.toLowerCase())
  const tokens = tokenize(statement.text)
  const values = tokens.findIndex((token) => isWord(token, 'VALUES', 'VALUE'))
  if (at < 0 || values < 0) return null
  const found = new Set<string>()
  for (let open = values + 1; open < tokens.length; open = closingOf(tokens, open) + 1) {
    while (isMark(tokens[open], ',') || isWord(tokens[open], 'ROW')) open += 1
    if (!isMark(tokens[open], '(')) break
    const value = readLiteral(splitAtCommas(inParentheses(tokens, open))[at] ?? [])
    if (value === null) return null
    found.add(value)
  }
  return found
}

/** The text of a number or a string; null for anything else. */
export function readLiteral(tokens: Clause): string | null {
  const [token, ...more] = tokens
  return token !== undefined && more.length === 0 && (token.type === 'number' || token.type === 'string')
    ? token.text.toLowerCase()
    : null
}
