import { isMark, isWord } from '../clauses.ts'
import { type Token, tokenize } from '../tokens.ts'

/** Words of a text that may move existing data to another name, or run an unknown text. */
const movingWords = /\b(?:rename|change|exchange|call|execute|prepare|import)\b/i

/** Functions that concatenate texts or choose between them; a word before parentheses may also be a keyword. */
const plainFunctions = new Set(
  (
    'CONCAT CONCAT_WS GROUP_CONCAT IF IFNULL NULLIF COALESCE COUNT MAX MIN ANY_VALUE DATABASE SCHEMA LOWER UPPER LCASE UCASE TRIM QUOTE ' +
    'EXISTS IN AND OR NOT XOR ON WHERE SELECT FROM JOIN AS WHEN THEN ELSE CASE SET INTO VALUES BY BETWEEN LIKE IS RETURN DISTINCT UNION ALL'
  ).split(' '),
)

/**
 * True when a text built at run time may rename a table or column, or call something: one of its parts contains such a word,
 * or the source of a part is unknown. Known sources are the strings of these statements and the names that information_schema
 * lists.
 */
export function mayBuildMove(statements: readonly string[]): boolean {
  return listBuiltTexts(statements).some((text) => movingWords.test(text)) || hasUnseenPart(statements)
}

/** The strings of these statements, and their concatenation. */
export function listBuiltTexts(statements: readonly string[]): readonly string[] {
  const strings = statements.flatMap(tokenize).flatMap(({ type, text }) => (type === 'string' ? [text] : []))
  return [...strings, strings.join('')]
}

/** True where a part of a concatenated text is not one of the strings in these statements. */
export function hasUnseenPart(statements: readonly string[]): boolean {
  return statements.some((text) => /\b0[xb][\da-f]|\b[xb]'/i.test(text) || hasUnseenValue(tokenize(text)))
}

const hasUnseenValue = (tokens: readonly Token[]): boolean => tokens.some(isUnseen) && !setsNumber(tokens)

/**
 * `SELECT @next := COALESCE(MAX(id), 0) + 1 FROM t` and `SET @next = (SELECT MAX(id) FROM t) + 1`: the result of an addition is a number, whatever the table
 * holds.
 */
function setsNumber(tokens: readonly Token[]): boolean {
  const [, variable, mark] = tokens
  if (!isWord(tokens[0], 'SELECT', 'SET') || variable?.type !== 'user-variable') return false
  if (!isMark(mark, ':=') && !(isWord(tokens[0], 'SET') && isMark(mark, '='))) return false
  const value = outsideParentheses(tokens.slice(3))
  const end = value.findIndex((token) => isWord(token, 'FROM'))
  const sum = end < 0 ? value : value.slice(0, end)
  const isOther = (token: Token): boolean =>
    token.type === 'user-variable' ||
    token.type === 'string' ||
    isWord(token, 'CASE', 'UNION', 'INTO') ||
    isMark(token, ',') ||
    isMark(token, '|') ||
    isMark(token, '||')
  return sum.some((token) => isMark(token, '+') || isMark(token, '*')) && !value.some(isOther)
}

function outsideParentheses(tokens: readonly Token[]): readonly Token[] {
  let depth = 0
  return tokens.filter((token) => {
    if (isMark(token, ')')) depth -= 1
    const isOutside = depth === 0
    if (isMark(token, '(')) depth += 1
    return isOutside
  })
}

/** A value that is not in these statements: from another function, or from a table. */
function isUnseen(token: Token, at: number, tokens: readonly Token[]): boolean {
  const next = tokens[at + 1]
  if (isMark(next, '(') && token.type !== 'punctuation') {
    if (token.type === 'name') return true
    if (token.type === 'word' && !plainFunctions.has(token.text.toUpperCase())) return true
  }
  if (!isWord(token, 'FROM', 'JOIN')) return false
  const isPlain = next?.type === 'string' || next?.type === 'user-variable' || isMark(next, '(') || isWord(next, 'DUAL')
  return !isPlain && next?.text.toUpperCase() !== 'INFORMATION_SCHEMA'
}

/** The names, in any case, that a text built from the strings in these statements may change: `CONCAT('ALTER TABLE ', @name, ...)` names them there. */
export function namesInBuilt(statements: readonly string[]): (name: string) => boolean {
  const words = listBuiltTexts(statements).map((part) => tokenize(part).map(({ text }) => text.toLowerCase()))
  const whole = new Set(words.flat())
  // A name may be built from two strings, at the end of the one and the beginning of the other.
  const edges = [...new Set(words.flatMap((list) => [list[0] ?? '', list.at(-1) ?? '']))].filter((word) => word !== '')
  return (name) => {
    const key = name.toLowerCase()
    return whole.has(key) || edges.some((word) => key.startsWith(word) || key.endsWith(word))
  }
}
