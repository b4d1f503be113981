import { createHash } from 'node:crypto'
import type { Statement } from '../domain/statement.ts'
import { classifyStatement } from './classify.ts'
import type { StatementPiece } from './piece.ts'

/** A statement of a script, ready for the journal. @param index its position in its part of the file, from 0 */
export function toStatement(piece: StatementPiece, index: number): Statement {
  const { text, file, line, column } = piece
  return { ...classifyStatement(text), text, file, line, column, index, hash: hashStatement(text) }
}

/** SHA-256 (hex) of a statement's text with line ends as LF. */
export function hashStatement(text: string): string {
  const normalised = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  return createHash('sha256').update(normalised, 'utf8').digest('hex')
}
