import { searchCode } from '../code-search.ts'
import type { ObjectName } from '../statement.ts'
import { readName } from './names.ts'
import { TokenCursor } from './token-cursor.ts'

const word = 'references'
const findWord = searchCode(`\\b${word}\\b`)

/** The tables that REFERENCES clauses name in a CREATE TABLE or ALTER TABLE. */
export function findReferences(text: string): ObjectName[] {
  const references: ObjectName[] = []
  for (const at of findWord(text)) pushName(new TokenCursor(text, at + word.length), references)
  return references
}

export function pushName(cursor: TokenCursor, list: ObjectName[]): void {
  const name = readName(cursor, 'table')
  if (name !== null) list.push(name)
}
