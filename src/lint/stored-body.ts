import { hasWords, isWord, skipName } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'

/** The body of a trigger, an event or a function, from the statement that creates it; empty where it has none. */
export function bodyOf(verb: string, text: string, tokens: readonly Token[] = tokenize(text)): string {
  const start =
    verb === 'CREATE TRIGGER' ? ofTrigger(tokens) : verb === 'CREATE FUNCTION' ? ofFunction(tokens) : ofEvent(tokens)
  return start === null ? '' : text.slice(tokens[start]?.start)
}

function ofTrigger(tokens: readonly Token[]): number {
  const at = tokens.findIndex((_, index) => hasWords(tokens, index, 'FOR', 'EACH', 'ROW')) + 3
  return isWord(tokens[at], 'FOLLOWS', 'PRECEDES') ? skipName(tokens, at + 1) : at
}

/** The body after DO, a keyword that schedule expressions cannot contain; null for an ALTER EVENT without a body. */
function ofEvent(tokens: readonly Token[]): number | null {
  const at = tokens.findIndex((token) => isWord(token, 'DO'))
  return at < 0 ? null : at + 1
}

/** A function that changes rows has a block: a single statement could only be its RETURN. */
function ofFunction(tokens: readonly Token[]): number | null {
  const at = tokens.findIndex((token) => isWord(token, 'BEGIN'))
  return at < 0 ? null : at
}

/** An ALTER EVENT that makes the event's existing body run from now on. */
export function enablesEvent({ verb, text }: Pick<Statement, 'verb' | 'text'>): boolean {
  return verb === 'ALTER EVENT' && /\benable\b/i.test(text) && bodyOf(verb, text) === ''
}
