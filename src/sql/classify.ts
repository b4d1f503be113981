import { createHash, hash } from 'node:crypto'
import { closestName } from '../core/closest-name.ts'
import { searchCode } from './lexical.ts'
import type { StatementPiece } from './piece.ts'
import type { ObjectName, Statement, StatementFacts } from './statement.ts'
import {
  readCache,
  readDeallocate,
  readExecute,
  readFlush,
  readGrant,
  readImport,
  readInstall,
  readPrepare,
  readReset,
  readRevoke,
  readTableMaintenance,
} from './statements/administration.ts'
import {
  readDelete,
  readInsert,
  readLoad,
  readParenthesized,
  readQuery,
  readUpdate,
  readWith,
} from './statements/data.ts'
import { readAlter, readCreate, readDrop, readRename, readTruncate } from './statements/definitions.ts'
import { findInnerRefusal } from './statements/inner-refusals.ts'
import { clientCommandRefusal, refusedReaders } from './statements/refusals.ts'
import { findUserVariables, readSet } from './statements/settings.ts'
import {
  completeFacts,
  type Findings,
  readOneName,
  refuse,
  type StatementReader,
  TokenCursor,
} from './statements/token-cursor.ts'

const looking = ['SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'HELP', 'SIGNAL', 'RESIGNAL']
const tableMaintenance = ['ANALYZE', 'OPTIMIZE', 'CHECK', 'CHECKSUM', 'REPAIR']
const queries = ['SELECT', 'TABLE', 'VALUES']

/** The reader for each statement, by the statement's first word. */
const readers: ReadonlyMap<string, StatementReader> = new Map<string, StatementReader>([
  ...Object.entries(refusedReaders),
  ...looking.map((verb): [string, StatementReader] => [verb, () => ({ class: 'maintenance', verb })]),
  ...tableMaintenance.map((verb): [string, StatementReader] => [verb, (cursor) => readTableMaintenance(cursor, verb)]),
  ...queries.map((verb): [string, StatementReader] => [verb, (cursor) => readQuery(cursor, verb)]),
  ['ALTER', readAlter],
  ['CACHE', readCache],
  ['CALL', (cursor) => ({ class: 'call', verb: 'CALL', objects: readOneName(cursor, 'procedure') })],
  ['CREATE', readCreate],
  ['DEALLOCATE', readDeallocate],
  ['DELETE', readDelete],
  ['DO', () => ({ class: 'data', verb: 'DO' })],
  ['DROP', readDrop],
  ['EXECUTE', readExecute],
  ['FLUSH', readFlush],
  ['GET', () => ({ class: 'session', verb: 'GET DIAGNOSTICS' })],
  ['GRANT', readGrant],
  ['IMPORT', readImport],
  ['INSERT', (cursor) => readInsert(cursor, 'INSERT')],
  ['INSTALL', (cursor) => readInstall(cursor, 'INSTALL')],
  ['LOAD', readLoad],
  ['PREPARE', readPrepare],
  ['RENAME', readRename],
  ['REPLACE', (cursor) => readInsert(cursor, 'REPLACE')],
  ['RESET', readReset],
  ['REVOKE', readRevoke],
  ['SET', readSet],
  ['TRUNCATE', readTruncate],
  ['UNINSTALL', (cursor) => readInstall(cursor, 'UNINSTALL')],
  ['UPDATE', readUpdate],
  ['WITH', readWith],
])

/**
 * Classifies a statement by its text and lists the objects that it names. Never throws: a statement that a migration must not
 * contain, and text that is not a statement, are returned as `refused` with a reason.
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
  // Written out: spreading the facts of a thousand statements takes longer than finding them.
  const found: Omit<Statement, 'hash'> = {
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
  }
  return Object.defineProperty(found, 'hash', lazyHash) as Statement
}

/**
 * Computed on demand: a thousand files without pending statements need no hashes. One getter for all statements: with a getter each, every
 * one of 20,000 statements takes 900 bytes more.
 */
const lazyHash: PropertyDescriptor & ThisType<Statement> = {
  get() {
    return hashStatement(this.text)
  },
  enumerable: true,
  configurable: true,
}

/** In characters: hashing a text requires a copy of it, which is not made of 100 MB. */
const hashedAtOnce = 65_536

/** SHA-256 (hex) of a statement's text with line ends as LF. */
export function hashStatement(text: string): string {
  const normalized = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  if (normalized.length <= hashedAtOnce) return hash('sha256', normalized, 'hex')
  const digest = createHash('sha256')
  for (let at = 0; at < normalized.length; ) {
    const last = normalized.charCodeAt(at + hashedAtOnce - 1)
    // A surrogate pair is not split.
    const end = at + hashedAtOnce - (last >= 0xd800 && last <= 0xdbff ? 1 : 0)
    digest.update(normalized.slice(at, end), 'utf8')
    at = end
  }
  return digest.digest('hex')
}

/** The temporary tables that a statement creates: rows that later DML writes to them are lost with the session. */
export function createdTemporaryTables(text: string): readonly ObjectName[] {
  if (!/\btemporary\b/i.test(text)) return []
  const facts = classifyStatement(text)
  return facts.verb === 'CREATE TEMPORARY TABLE' ? facts.objects : []
}

function readFirstWord(text: string): Findings {
  const cursor = new TokenCursor(text)
  if (cursor.mark() === '(') return readParenthesized(cursor) ?? refuseUnknown(cursor, '(')
  if (cursor.peek() === null && text.startsWith('/*!')) return { class: 'data', verb: 'COMMENT' }
  const first = cursor.keyword()
  const read = readers.get(first)
  if (read === undefined) return refuseUnknown(cursor, first)
  cursor.next()
  return read(cursor) ?? refuseUnknown(cursor, first)
}

function refuseUnknown(cursor: TokenCursor, first: string): Findings {
  if (cursor.text.startsWith('--')) {
    return refuse('--', 'A comment must have a space after `--`.', 'Write a space after the two dashes.')
  }
  const known = readers.has(first)
  const words = known ? `${first} ${new TokenCursor(cursor.text).keyword(1)}`.trim() : first
  const meant = known || first === '' ? null : closestName(first, readers.keys())
  const check = 'Check the spelling, and check for a missing or an extra delimiter before it.'
  return refuse(
    words,
    words === ''
      ? 'It does not start with a keyword, so it is not a statement.'
      : `No statement that wwdb supports starts with \`${words}\`.`,
    meant === null ? check : `Did you mean \`${meant}\`? ${check}`,
  )
}

const findBackslashes = searchCode('\\\\')

/** A backslash outside quotes is a command of the mysql client, \G or \. for instance; only \N is SQL. */
function findClientCommand(text: string): Findings | null {
  if (!text.includes('\\')) return null
  const at = findBackslashes(text).find((index) => text[index + 1] !== 'N')
  return at === undefined ? null : clientCommandRefusal(text.slice(at, at + 2))
}
