import type { ObjectName } from '../statement.ts'
import { readAccountDefinitions } from './accounts.ts'
import type { Findings } from './facts.ts'
import { readAccount, readName, readOneName } from './names.ts'
import { findReferences } from './references.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Objects that are told from the statement's text, by the word that names their kind. */
export const objectKinds: Readonly<Record<string, ObjectName['type']>> = {
  TABLE: 'table',
  TABLES: 'table',
  VIEW: 'view',
  PROCEDURE: 'procedure',
  FUNCTION: 'function',
  TRIGGER: 'trigger',
  EVENT: 'event',
  DATABASE: 'schema',
  SCHEMA: 'schema',
}

const opaqueKinds = [
  ['SERVER'],
  ['TABLESPACE'],
  ['UNDO', 'TABLESPACE'],
  ['LOGFILE', 'GROUP'],
  ['RESOURCE', 'GROUP'],
  ['SPATIAL', 'REFERENCE', 'SYSTEM'],
  ['LIBRARY'],
] as const

/** Words in front of INDEX and of VIEW. */
const prefixes = new Set(['UNIQUE', 'FULLTEXT', 'SPATIAL', 'JSON', 'RELATIONAL', 'DUALITY', 'MATERIALIZED'])
/** Words that follow CREATE and its modifiers, except for the opaque kinds. */
const kinds = new Set(['TEMPORARY', 'AGGREGATE', 'INDEX', 'USER', 'ROLE', ...Object.keys(objectKinds)])

/** CREATE, after that word. */
export function readCreate(cursor: TokenCursor): Findings | null {
  const replaces = cursor.accept('OR', 'REPLACE')
  skipModifiers(cursor)
  if (!kinds.has(cursor.keyword())) return readOpaqueKind(cursor, 'CREATE')
  const temporary = cursor.accept('TEMPORARY')
  const aggregate = cursor.accept('AGGREGATE')
  const kind = cursor.keyword()
  cursor.next()
  const idempotent = cursor.accept('IF', 'NOT', 'EXISTS') || replaces
  if (kind === 'INDEX') return readCreateIndex(cursor)
  if (kind === 'USER' || kind === 'ROLE') {
    return { class: 'account', verb: `CREATE ${kind}`, objects: readAccountDefinitions(cursor), idempotent }
  }
  if (kind === 'TABLE') return readCreateTable(cursor, temporary, idempotent)
  const type = objectKinds[kind]
  if (type === undefined || kind === 'TABLES') return null
  const objects = readOneName(cursor, type)
  const loadable = kind === 'FUNCTION' && (aggregate || isLoadable(cursor))
  return { class: 'definition', verb: `CREATE ${singular(kind)}`, objects: loadable ? [] : objects, idempotent }
}

/** DEFINER, ALGORITHM, SQL SECURITY and the words in front of INDEX and VIEW. */
export function skipModifiers(cursor: TokenCursor): void {
  for (;;) {
    if (cursor.accept('DEFINER')) {
      cursor.acceptMark('=')
      readAccount(cursor)
    } else if (cursor.accept('ALGORITHM')) {
      cursor.acceptMark('=')
      cursor.next()
    } else if (cursor.accept('SQL', 'SECURITY')) cursor.next()
    else if (prefixes.has(cursor.keyword()) && cursor.keyword(1) !== 'REFERENCE') cursor.next()
    else return
  }
}

/** DDL on things whose definition no one table shows, so that looking cannot tell whether it ran. */
export function readOpaqueKind(cursor: TokenCursor, verb: 'CREATE' | 'ALTER' | 'DROP'): Findings | null {
  const kind = opaqueKinds.find((words) => cursor.accept(...words))
  if (kind === undefined) return null
  const idempotent = cursor.accept('IF', 'NOT', 'EXISTS') || cursor.accept('IF', 'EXISTS')
  return { class: 'definition', verb: `${verb} ${kind.join(' ')}`, idempotent }
}

export function singular(kind: string): string {
  if (kind === 'TABLES') return 'TABLE'
  return kind === 'SCHEMA' ? 'DATABASE' : kind
}

function readCreateTable(cursor: TokenCursor, temporary: boolean, idempotent: boolean): Findings {
  const objects = readOneName(cursor, 'table')
  const verb = temporary ? 'CREATE TEMPORARY TABLE' : 'CREATE TABLE'
  const references = findReferences(cursor.text)
  return { class: temporary ? 'session' : 'definition', verb, objects, references, idempotent }
}

function readCreateIndex(cursor: TokenCursor): Findings {
  cursor.skipUntil(() => cursor.accept('ON'))
  return { class: 'definition', verb: 'CREATE INDEX', objects: readOneName(cursor, 'table') }
}

/** A function from a shared library is in no information_schema table. */
function isLoadable(cursor: TokenCursor): boolean {
  return /\bsoname\b/i.test(cursor.text) && cursor.keyword() === 'RETURNS' && cursor.keyword(2) === 'SONAME'
}

/** DROP INDEX name ON table. */
export function readDropIndex(cursor: TokenCursor): Findings {
  readName(cursor, 'table')
  cursor.accept('ON')
  return { class: 'definition', verb: 'DROP INDEX', objects: readOneName(cursor, 'table') }
}
