import { type Clause, closingOf, findWords, isMark, isWord, outerWords } from '../sql/clauses.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { Token } from '../sql/tokens.ts'
import type { ColumnAttributes } from './table.ts'

/** The words of a definition outside parentheses, each with the index where it comes first. */
type Words = ReadonlyMap<string, number>

/**
 * The attributes of a column's definition besides its type; `tokens` begin with the type. @param source the text of the tokens, for values exactly as they are written
 */
export function readColumnAttributes(
  tokens: Clause,
  source: string | null = null,
  words: Words = outerWords(tokens),
): ColumnAttributes {
  const comment = words.get('COMMENT')
  return {
    default: readDefault(tokens, source, words),
    generated: readGenerated(tokens, source, words),
    autoIncrement: words.has('AUTO_INCREMENT') || isSerial(tokens, words),
    comment: comment === undefined ? '' : (tokens[comment + 1]?.text ?? ''),
  }
}

function isSerial(tokens: Clause, words: Words): boolean {
  return words.has('SERIAL') && (isWord(tokens[0], 'SERIAL') || findWords(tokens, 'SERIAL', 'DEFAULT', 'VALUE') >= 0)
}

/** `ON UPDATE CURRENT_TIMESTAMP` */
export function readOnUpdate(tokens: Clause, words: Words = outerWords(tokens)): boolean {
  return words.has('ON') && findWords(tokens, 'ON', 'UPDATE') >= 0
}

/** `[GENERATED ALWAYS] AS (expression) [VIRTUAL | STORED]`: no other part of a column's definition begins with AS. */
function readGenerated(tokens: Clause, source: string | null, words: Words): ColumnAttributes['generated'] {
  const at = words.get('AS')
  if (at === undefined) return null
  const expression = printTokens(tokens.slice(at + 2, closingOf(tokens, at + 1)), source)
  return { expression, stored: words.has('STORED') }
}

/** A literal, a function with its parentheses, or an expression in parentheses; `NULL` counts as no default. */
function readDefault(tokens: Clause, source: string | null, words: Words): string | null {
  const at = (words.get('DEFAULT') ?? -1) + 1
  const [first, next] = [tokens[at], tokens[at + 1]]
  if (at === 0 || first === undefined || isWord(first, 'NULL') || isWord(tokens[at - 2], 'SERIAL')) return null
  const open = isMark(first, '(') ? at : isMark(next, '(') ? at + 1 : -1
  if (open >= 0) return printTokens(tokens.slice(at, closingOf(tokens, open) + 1), source)
  // `b'1'`, `x'ff'` and `-1` are two tokens.
  const isTwo = isMark(first, '-') || (first.type === 'word' && next?.type === 'string' && next.start === first.end)
  return printTokens(tokens.slice(at, isTwo ? at + 2 : at + 1), source)
}

/** Tokens as SQL: as in their text, or, where the text is not available, as they could be written. */
export function printTokens(tokens: Clause, source: string | null): string {
  if (source !== null) return source.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0)
  const gap = (token: Token, before: Token | undefined): string =>
    before === undefined || token.start === before.end ? '' : ' '
  return tokens.map((token, at) => gap(token, tokens[at - 1]) + printToken(token)).join('')
}

function printToken({ type, text }: Token): string {
  return type === 'string' ? printString(text) : type === 'name' ? quoteName(text) : text
}

/** As the server prints it. */
export function printString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
