import type { Findings } from './facts.ts'
import type { TokenCursor } from './token-cursor.ts'
import { readDelete, readUpdate } from './writes.ts'

const mainVerbs = new Set(['SELECT', 'TABLE', 'VALUES', 'UPDATE', 'DELETE'])

/** SELECT, TABLE, VALUES or a query in parentheses, after its first word. */
export function readQuery(cursor: TokenCursor, verb: string): Findings {
  return { class: assignsVariables(cursor) ? 'session' : 'data', verb }
}

/** A query that begins with parentheses, before the first of them. */
export function readParenthesised(cursor: TokenCursor): Findings | null {
  while (cursor.mark() === '(') cursor.next()
  const verb = cursor.keyword()
  if (verb === 'WITH') return cursor.accept('WITH') ? readWith(cursor) : null
  return mainVerbs.has(verb) ? readQuery(cursor, verb) : null
}

/** WITH, after that word: the statement that its common table expressions belong to. */
export function readWith(cursor: TokenCursor): Findings | null {
  if (!cursor.skipUntil(() => mainVerbs.has(cursor.keyword()) || isQueryInParentheses(cursor))) return null
  if (cursor.mark() === '(') return readParenthesised(cursor)
  const verb = cursor.keyword()
  cursor.next()
  if (verb === 'UPDATE') return readUpdate(cursor)
  if (verb === 'DELETE') return readDelete(cursor)
  return readQuery(cursor, verb)
}

/** `WITH a AS (...) (SELECT ...)`: a parenthesis that follows another one, not a name or AS. */
function isQueryInParentheses(cursor: TokenCursor): boolean {
  return cursor.mark() === '(' && cursor.lastMark() === ')'
}

/** `SELECT ... INTO @v` and `SELECT @v := 1` leave something in the session. */
function assignsVariables(cursor: TokenCursor): boolean {
  if (!cursor.text.includes('@')) return false
  for (let token = cursor.next(); token !== null; token = cursor.next()) {
    if (token.type === 'punctuation' && token.text === ':=') return true
    const isInto = token.type === 'word' && token.text.toUpperCase() === 'INTO'
    if (isInto && cursor.peek()?.type === 'user-variable') return true
  }
  return false
}
