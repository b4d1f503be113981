import type { ObjectName } from '../../domain/statement.ts'
import { readName } from './names.ts'
import type { TokenCursor } from './token-cursor.ts'

/** The tables that REFERENCES clauses name in the rest of a CREATE TABLE. */
export function findReferences(cursor: TokenCursor): ObjectName[] {
  const references: ObjectName[] = []
  if (!/\breferences\b/i.test(cursor.text)) return references
  while (cursor.peek() !== null) {
    if (!cursor.accept('REFERENCES')) cursor.next()
    else pushName(cursor, references)
  }
  return references
}

export function pushName(cursor: TokenCursor, list: ObjectName[]): void {
  const name = readName(cursor, 'table')
  if (name !== null) list.push(name)
}
