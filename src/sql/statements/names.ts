import type { ObjectName } from '../statement.ts'
import type { Token } from '../token.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Reads `name` or `schema.name`; null, consuming nothing, where no name stands. A text in double quotes is a name, too: under
 * ANSI_QUOTES it is one, and otherwise the server refuses it here.
 */
export function readName(cursor: TokenCursor, type: ObjectName['type']): ObjectName | null {
  const first = cursor.peek()
  if (!isName(first, cursor)) return null
  cursor.next()
  if (cursor.mark() !== '.' || !isName(cursor.peek(1), cursor)) return { type, schema: null, name: first.text }
  cursor.next()
  const second = cursor.next()
  return { type, schema: first.text, name: second?.text ?? '' }
}

/** Reads names with commas between them. */
export function readNames(cursor: TokenCursor, type: ObjectName['type']): ObjectName[] {
  const names: ObjectName[] = []
  do {
    const name = readName(cursor, type)
    if (name !== null) names.push(name)
  } while (cursor.acceptMark(','))
  return names
}

/** The single name that follows, as a list of none or one. */
export function readOneName(cursor: TokenCursor, type: ObjectName['type']): ObjectName[] {
  const name = readName(cursor, type)
  return name === null ? [] : [name]
}

/** Reads an account or role: `user@host`, with the host `%` that the server assumes where none is written. */
export function readAccount(cursor: TokenCursor): ObjectName | null {
  const token = cursor.next()
  if (token === null || (token.type !== 'string' && !isName(token, cursor))) return null
  if (cursor.acceptMark('(')) {
    cursor.acceptMark(')')
    return currentUser
  }
  if (token.type === 'word' && token.text.toUpperCase() === 'CURRENT_USER') return currentUser
  return { type: 'account', schema: null, name: `${token.text}@${readHost(cursor)}` }
}

const currentUser: ObjectName = { type: 'account', schema: null, name: 'CURRENT_USER' }

function readHost(cursor: TokenCursor): string {
  if (cursor.peek()?.type === 'user-variable') return cursor.next()?.text ?? '%'
  if (!cursor.acceptMark('@')) return '%'
  return cursor.next()?.text ?? '%'
}

function isName(token: Token | null, { text }: TokenCursor): token is Token {
  if (token?.type === 'string') return text[token.start] === '"'
  return token?.type === 'name' || token?.type === 'word'
}
