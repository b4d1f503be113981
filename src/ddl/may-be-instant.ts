import { findWords, isWord, readAlterations, readOption } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { readAdded, readDroppedColumn } from './read-alterations.ts'

/**
 * True where an ALTER TABLE adds or drops columns, and leaves it to the server how, or asks for INSTANT. What else is INSTANT (a name, a default) gives rows no version, and
 * partitions can be exchanged after it.
 */
export function mayBeInstant(tokens: readonly Token[]): boolean {
  const clauses = readAlterations(tokens)
  const isConcerned = clauses.some((clause) => readAdded(clause).length > 0 || readDroppedColumn(clause) !== null)
  const algorithm = readOption(tokens, 'ALGORITHM')?.toUpperCase() ?? 'DEFAULT'
  return isConcerned && (algorithm === 'INSTANT' || (algorithm === 'DEFAULT' && !writesAllRows(tokens)))
}

/** True where an ALTER TABLE asks for all rows to be written again: they have no version any more. */
export function writesAllRows(tokens: readonly Token[]): boolean {
  const clauses = readAlterations(tokens)
  return clauses.some((clause) => isWord(clause[0], 'FORCE') || findWords(clause, 'PARTITION', 'BY') >= 0)
}
