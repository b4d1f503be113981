import { isMark, isWord } from '../clauses.ts'
import { findUserVariables } from '../statements/settings.ts'
import type { Token } from '../tokens.ts'
import { tokenize } from '../tokens.ts'

/** Words of a text that may move existing data to another name, or run a text that is not known. */
const movingWords = /\b(?:rename|change|exchange|call|execute|prepare|import)\b/i

/** Functions that put texts together or choose between them; a word in front of parentheses may also be a keyword. */
const plainFunctions = new Set(
  (
    'CONCAT CONCAT_WS GROUP_CONCAT IF IFNULL NULLIF COALESCE COUNT MAX MIN ANY_VALUE DATABASE SCHEMA LOWER UPPER LCASE UCASE TRIM QUOTE ' +
    'EXISTS IN AND OR NOT XOR ON WHERE SELECT FROM JOIN AS WHEN THEN ELSE CASE SET INTO VALUES BY BETWEEN LIKE IS RETURN DISTINCT UNION ALL'
  ).split(' '),
)

/**
 * True when a text that is put together at run time may rename a table or column, or call something: one of its parts contains
 * such a word, or the source of a part is not known. Known sources are the strings of these statements and the names that
 * information_schema lists.
 */
export function mayBuildMove(statements: readonly string[]): boolean {
  const all = statements.map(tokenize)
  const strings = all.flat().filter((token) => token.type === 'string')
  const texts = [...strings.map((token) => token.text), strings.map((token) => token.text).join('')]
  if (texts.some((text) => movingWords.test(text))) return true
  return statements.some((text) => /\b0[xb][\da-f]|\b[xb]'/i.test(text)) || all.some((tokens) => tokens.some(isUnseen))
}

/** A value that is not in these statements: of another function, or from a table. */
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

/**
 * The statements that a user variable's value comes from, those of the variables in them included; null when one of them
 * was set by a statement that is not known.
 */
export function findSources(
  names: readonly string[],
  texts: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const sources = new Set<string>()
  const left = [...names]
  const seen = new Set(left)
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const found = texts.get(`@${name}`)
    if (found === undefined) return null
    for (const text of found) {
      sources.add(text)
      const more = findUserVariables(text).filter((each) => !seen.has(each))
      for (const each of more) seen.add(each)
      left.push(...more)
    }
  }
  return [...sources]
}

/** The user variables that a statement sets: by `@name`, the statements that their values come from. */
export function noteVariables(
  text: string,
  texts: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const names = findUserVariables(text)
  const tokens = tokenize(text)
  const isSet = isWord(tokens[0], 'SET')
  const gives = isSet || tokens.some((token) => isMark(token, ':=') || isWord(token, 'INTO', 'CALL', 'EXECUTE'))
  if (names.length === 0 || !gives) return texts
  const after = new Map(texts)
  const [first] = names
  // SET of one variable that does not use its old value replaces that value.
  const mentions = tokens.filter((token) => token.type === 'user-variable' && token.text.toLowerCase() === first)
  if (isSet && mentions.length === 1 && tokens[1] === mentions[0]) after.delete(`@${first}`)
  for (const name of names) after.set(`@${name}`, [...new Set([...(after.get(`@${name}`) ?? []), text])])
  return after
}
