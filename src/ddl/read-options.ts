import { type Clause, inParentheses, isMark, isName, isWord, tableOptions } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { printString, printTokens } from './column-attributes.ts'
import { canonicalCharset } from './column-type.ts'

/** `CHARACTER SET` is read as `CHARSET`, and `DEFAULT` is a word before both; the folders are options of two words. */
const known: readonly string[] = [...tableOptions, 'DATA', 'INDEX'].filter(
  (name) => name !== 'CHARACTER' && name !== 'DEFAULT',
)

/** `CHARACTER SET DEFAULT`, as a value: no character set has this name. */
export const schemaDefault = 'default'

/** What is no text: the server prints it without quotes. */
const plain = ['ENGINE', 'CHARSET', 'COLLATE', 'ROW_FORMAT']

/** The options of a table by name: `ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4`, with or without commas. */
export function readOptions(tokens: Clause): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (let at = 0; at < tokens.length; at += 1) {
    // Behind the options a table is partitioned, or filled from a query.
    if (isWord(tokens[at], 'PARTITION', 'SELECT', 'WITH', 'AS', 'LIKE', 'IGNORE', 'REPLACE')) break
    const isCharacterSet = isWord(tokens[at], 'CHARACTER', 'CHAR') && isWord(tokens[at + 1], 'SET')
    if (!isCharacterSet && !isWord(tokens[at], ...known)) continue
    const name = isCharacterSet ? 'CHARSET' : (tokens[at]?.text.toUpperCase() ?? '')
    const start = isCharacterSet || isWord(tokens[at], 'DATA', 'INDEX') ? at + 2 : at + 1
    const end = isMark(tokens[start], '=') ? start + 1 : start
    const value = tokens[end]
    if (value !== undefined) options.set(name, printValue(name, value))
    at = end
  }
  return options
}

function printValue(name: string, { type, text }: Token): string {
  if (name === 'CHARSET') return canonicalCharset(text)
  return type === 'string' && !plain.includes(name) ? printString(text) : text
}

/** `PARTITION BY ...` to the end; null without it. */
export function readPartitioning(tokens: Clause): string | null {
  const by = tokens.findIndex((token, at) => isWord(token, 'PARTITION') && isWord(tokens[at + 1], 'BY'))
  return by < 0 ? null : printTokens(tokens.slice(by), null)
}

/** The names in `PARTITION BY RANGE (YEAR(at))`, `... KEY (a, b)`: columns and, in an expression, functions' arguments. */
export function readPartitionColumns(tokens: Clause): readonly string[] | null {
  const by = tokens.findIndex((token, at) => isWord(token, 'PARTITION') && isWord(tokens[at + 1], 'BY'))
  if (by < 0) return null
  const open = tokens.findIndex((token, at) => at > by && isMark(token, '('))
  if (open < 0) return []
  const inside = inParentheses(tokens, open)
  return inside
    .filter((token, at) => isName(token) && !isMark(inside[at + 1], '(') && !isWord(token, 'MOD', 'DIV'))
    .map(({ text }) => text)
}
