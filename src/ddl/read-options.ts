import { type Clause, closingOf, hasWords, inParentheses, isMark, isName, isWord } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { printString, printTokens } from './column-attributes.ts'
import { canonicalCharset } from './column-type.ts'

/** The options whose `=` may be left out. `CHARACTER SET` is read as `CHARSET`. */
const known = [
  'ENGINE',
  'ROW_FORMAT',
  'KEY_BLOCK_SIZE',
  'AUTO_INCREMENT',
  'COMMENT',
  'CHARSET',
  'COLLATE',
  'STATS_PERSISTENT',
  'STATS_AUTO_RECALC',
  'STATS_SAMPLE_PAGES',
  'COMPRESSION',
  'ENCRYPTION',
  'TABLESPACE',
  'MAX_ROWS',
  'MIN_ROWS',
  'AVG_ROW_LENGTH',
  'CHECKSUM',
  'DELAY_KEY_WRITE',
  'PACK_KEYS',
  'INSERT_METHOD',
  'CONNECTION',
  'PASSWORD',
  'DATA DIRECTORY',
  'INDEX DIRECTORY',
]

/** `CHARACTER SET DEFAULT`, as a value: no character set has this name. */
export const schemaDefault = 'default'

/** Options whose value the server prints without quotes. */
const plain = ['ENGINE', 'CHARSET', 'COLLATE', 'ROW_FORMAT']

interface WrittenOption {
  readonly name: string
  readonly value: Clause
}

/** The options of a table as they are written: `ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4`, with or without commas. */
export function findOptions(tokens: Clause): readonly WrittenOption[] {
  const options: WrittenOption[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    // After the options, partitions or a query may follow.
    if (isWord(tokens[at], 'PARTITION', 'SELECT', 'WITH', 'AS', 'LIKE', 'IGNORE', 'REPLACE')) break
    const { name, length } = readName(tokens, at)
    const hasMark = isMark(tokens[at + length], '=')
    if (!hasMark && !known.includes(name)) continue
    const start = at + length + (hasMark ? 1 : 0)
    const end = isMark(tokens[start], '(') ? closingOf(tokens, start) : start
    const value = tokens.slice(start, end + 1)
    if (value.length > 0) options.push({ name, value })
    at = end
  }
  return options
}

function readName(tokens: Clause, at: number): { readonly name: string; readonly length: number } {
  if (isWord(tokens[at], 'CHARACTER', 'CHAR') && isWord(tokens[at + 1], 'SET')) return { name: 'CHARSET', length: 2 }
  const word = tokens[at]?.type === 'word' ? tokens[at].text.toUpperCase() : ''
  if (hasWords(tokens, at + 1, 'DIRECTORY')) return { name: `${word} DIRECTORY`, length: 2 }
  return { name: word, length: 1 }
}

/** The values of the known options by name. */
export function readOptions(tokens: Clause): ReadonlyMap<string, string> {
  return new Map(
    findOptions(tokens).flatMap(({ name, value: [first] }) =>
      first === undefined || !known.includes(name) ? [] : [[name, printValue(name, first)]],
    ),
  )
}

function printValue(name: string, { type, text }: Token): string {
  if (name === 'CHARSET') return canonicalCharset(text)
  return type === 'string' && !plain.includes(name) ? printString(text) : text
}

/** Whether a clause of an ALTER TABLE sets options. */
export function isOptions(clause: Clause): boolean {
  return !isWord(clause[0], ...notOptions)
}

const notOptions = ['ADD', 'MODIFY', 'CHANGE', 'ALTER', 'DROP', 'RENAME', 'ORDER', 'PARTITION', 'CONVERT', 'REORGANIZE']

/** The value of an option in a clause of an ALTER TABLE, in capitals; null where the clause does not set it. */
export function optionOf(clause: Clause, name: string): string | null {
  return isOptions(clause) ? (readOptions(clause).get(name)?.toUpperCase() ?? null) : null
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
