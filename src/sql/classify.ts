import { hash } from 'node:crypto'
import { closestName } from '../core/closest-name.ts'
import { searchCode } from './code-search.ts'
import type { StatementPiece } from './piece.ts'
import type { ObjectName, Statement, StatementFacts } from './statement.ts'
import { completeFacts, type Findings, refuse } from './statements/facts.ts'
import { findInnerRefusal } from './statements/inner-refusals.ts'
import { readParenthesised } from './statements/queries.ts'
import { readers } from './statements/readers.ts'
import { clientCommandRefusal } from './statements/refusals.ts'
import { TokenCursor } from './statements/token-cursor.ts'
import { findUserVariables } from './statements/user-variables.ts'

/**
 * Tells from its text what a statement is and what it names. Never throws: what cannot stand in a migration, and what
 * is no statement at all, comes back as `refused` with a reason.
 */
export function classifyStatement(text: string): StatementFacts {
  const findings = findClientCommand(text) ?? readFirstWord(text)
  const refusal = findings.class === 'refused' ? null : findInnerRefusal(text, findings, classifyStatement)
  return completeFacts(refusal ?? findings, findUserVariables(text))
}

/** A statement of a script, ready for the journal. @param index its position in its part of the file, from 0 */
export function toStatement(piece: StatementPiece, index: number): Statement {
  const { text, file, line, column } = piece
  const facts = classifyStatement(text)
  // Written out: spreading a thousand statements' facts takes longer than finding them.
  return {
    class: facts.class,
    verb: facts.verb,
    objects: facts.objects,
    references: facts.references,
    userVariables: facts.userVariables,
    sessionVariables: facts.sessionVariables,
    prepared: facts.prepared,
    refusal: facts.refusal,
    idempotent: facts.idempotent,
    text,
    file,
    line,
    column,
    index,
    // Asked for only by what runs, resumes or changes: a thousand files with nothing to do need none.
    get hash() {
      return hashStatement(text)
    },
  }
}

/** SHA-256 (hex) of a statement's text with line ends as LF. */
export function hashStatement(text: string): string {
  const normalised = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  return hash('sha256', normalised, 'hex')
}

/** The temporary tables that a statement makes: what later DML on those names writes is gone with the session. */
export function createdTemporaryTables(text: string): readonly ObjectName[] {
  if (!/\btemporary\b/i.test(text)) return []
  const facts = classifyStatement(text)
  return facts.verb === 'CREATE TEMPORARY TABLE' ? facts.objects : []
}

function readFirstWord(text: string): Findings {
  const cursor = new TokenCursor(text)
  if (cursor.mark() === '(') return readParenthesised(cursor) ?? refuseUnknown(cursor, '(')
  if (cursor.peek() === null && text.startsWith('/*!')) return { class: 'data', verb: 'COMMENT' }
  const first = cursor.keyword()
  const read = readers.get(first)
  if (read === undefined) return refuseUnknown(cursor, first)
  cursor.next()
  return read(cursor) ?? refuseUnknown(cursor, first)
}

function refuseUnknown(cursor: TokenCursor, first: string): Findings {
  if (cursor.text.startsWith('--')) {
    return refuse('--', 'A comment after -- begins with a blank.', 'Write a blank after the two dashes.')
  }
  const known = readers.has(first)
  const words = known ? `${first} ${new TokenCursor(cursor.text).keyword(1)}`.trim() : first
  const meant = known || first === '' ? null : closestName(first, readers.keys())
  const check = 'Check its spelling, and whether the delimiter before it is missing or one too many.'
  return refuse(
    words,
    words === ''
      ? 'It begins with no word, so it is no statement.'
      : `wwdb knows no statement that begins with ${words}.`,
    meant === null ? check : `Did you mean ${meant}? ${check}`,
  )
}

const findBackslashes = searchCode('\\\\')

/** A backslash outside quotes is a command of the mysql client, \G or \. for instance; only \N is SQL. */
function findClientCommand(text: string): Findings | null {
  if (!text.includes('\\')) return null
  const at = findBackslashes(text).find((index) => text[index + 1] !== 'N')
  return at === undefined ? null : clientCommandRefusal(text.slice(at, at + 2))
}
