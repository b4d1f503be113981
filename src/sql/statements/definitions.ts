import { searchCode } from '../lexical.ts'
import type { ObjectName } from '../statement.ts'
import { readAccountDefinitions, readAccounts, readDeallocate } from './administration.ts'
import { serverRefusal } from './refusals.ts'
import type { Findings } from './token-cursor.ts'
import { readAccount, readName, readNames, readOneName, TokenCursor } from './token-cursor.ts'
import { readAlterVschema } from './vschema.ts'

/** Types of objects by the keyword of the statement. */
const objectKinds: Readonly<Record<string, ObjectName['type']>> = {
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

/** Words before INDEX and VIEW. */
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

/** DEFINER, ALGORITHM, SQL SECURITY and the words before INDEX and VIEW. */
function skipModifiers(cursor: TokenCursor): void {
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

/** DDL on objects whose definition no table shows, so that it cannot be checked whether it ran. */
function readOpaqueKind(cursor: TokenCursor, verb: 'CREATE' | 'ALTER' | 'DROP'): Findings | null {
  const kind = opaqueKinds.find((words) => cursor.accept(...words))
  if (kind === undefined) return null
  const idempotent = cursor.accept('IF', 'NOT', 'EXISTS') || cursor.accept('IF', 'EXISTS')
  return { class: 'definition', verb: `${verb} ${kind.join(' ')}`, idempotent }
}

function singular(kind: string): string {
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

/** A function from a shared library is not listed in information_schema. */
function isLoadable(cursor: TokenCursor): boolean {
  return /\bsoname\b/i.test(cursor.text) && cursor.keyword() === 'RETURNS' && cursor.keyword(2) === 'SONAME'
}

/** DROP INDEX name ON table. */
function readDropIndex(cursor: TokenCursor): Findings {
  readName(cursor, 'table')
  cursor.accept('ON')
  return { class: 'definition', verb: 'DROP INDEX', objects: readOneName(cursor, 'table') }
}

const word = 'references'
const findWord = searchCode(`\\b${word}\\b`)

/** The tables that REFERENCES clauses name in a CREATE TABLE or ALTER TABLE. */
function findReferences(text: string): ObjectName[] {
  const references: ObjectName[] = []
  for (const at of findWord(text)) pushName(new TokenCursor(text, at + word.length), references)
  return references
}

function pushName(cursor: TokenCursor, list: ObjectName[]): void {
  const name = readName(cursor, 'table')
  if (name !== null) list.push(name)
}

const databaseOptions = new Set(['DEFAULT', 'CHARACTER', 'CHARSET', 'COLLATE', 'ENCRYPTION', 'READ'])

/** ALTER, after that word. */
export function readAlter(cursor: TokenCursor): Findings | null {
  // Without the redo log, a crash loses every table of the server.
  if (cursor.accept('INSTANCE'))
    return cursor.accept('DISABLE') ? serverRefusal('ALTER INSTANCE') : { class: 'maintenance', verb: 'ALTER INSTANCE' }
  if (cursor.accept('VSCHEMA')) return readAlterVschema(cursor)
  const opaque = readOpaqueKind(cursor, 'ALTER')
  if (opaque !== null) return opaque
  skipModifiers(cursor)
  const kind = cursor.keyword()
  cursor.next()
  const idempotent = cursor.accept('IF', 'EXISTS')
  if (kind === 'USER')
    return { class: 'account', verb: 'ALTER USER', objects: readAccountDefinitions(cursor), idempotent }
  if (kind === 'TABLE') return readAlterTable(cursor)
  const type = objectKinds[kind]
  if (type === undefined || kind === 'TABLES' || kind === 'TRIGGER') return null
  const verb = `ALTER ${singular(kind)}`
  if (type === 'schema' && databaseOptions.has(cursor.keyword())) return { class: 'definition', verb }
  const objects = readOneName(cursor, type)
  if (type === 'event') objects.push(...readEventRename(cursor))
  return { class: 'definition', verb, objects }
}

function readAlterTable(cursor: TokenCursor): Findings {
  const objects = readOneName(cursor, 'table')
  const references = findReferences(cursor.text)
  const mayNameMore = /\b(?:rename|exchange)\b/i.test(cursor.text)
  while (mayNameMore && cursor.peek() !== null) {
    if (cursor.accept('RENAME')) readTableRename(cursor, objects)
    else if (cursor.accept('EXCHANGE', 'PARTITION')) readExchange(cursor, objects)
    else cursor.next()
  }
  return { class: 'definition', verb: 'ALTER TABLE', objects, references }
}

function readTableRename(cursor: TokenCursor, objects: ObjectName[]): void {
  if (['COLUMN', 'INDEX', 'KEY'].includes(cursor.keyword())) return
  if (!cursor.accept('TO') && !cursor.accept('AS')) cursor.acceptMark('=')
  pushName(cursor, objects)
}

function readExchange(cursor: TokenCursor, objects: ObjectName[]): void {
  if (cursor.skipUntil(() => cursor.accept('WITH', 'TABLE'))) pushName(cursor, objects)
}

/** The new name of an event; its body is not read. */
function readEventRename(cursor: TokenCursor): ObjectName[] {
  let renamed = false
  cursor.skipUntil(() => {
    renamed = cursor.accept('RENAME', 'TO')
    return renamed || cursor.keyword() === 'DO'
  })
  const name = renamed ? readName(cursor, 'event') : null
  return name === null ? [] : [name]
}

/** DROP, after that word. */
export function readDrop(cursor: TokenCursor): Findings | null {
  if (cursor.keyword() === 'PREPARE') return readDeallocate(cursor)
  const opaque = readOpaqueKind(cursor, 'DROP')
  if (opaque !== null) return opaque
  const temporary = cursor.accept('TEMPORARY')
  const kind = cursor.keyword()
  cursor.next()
  const idempotent = cursor.accept('IF', 'EXISTS')
  if (kind === 'INDEX') return readDropIndex(cursor)
  if (kind === 'USER' || kind === 'ROLE') {
    return { class: 'account', verb: `DROP ${kind}`, objects: readAccounts(cursor), idempotent }
  }
  const type = objectKinds[kind]
  if (type === undefined) return null
  const objects = readNames(cursor, type)
  if (temporary) return { class: 'session', verb: 'DROP TEMPORARY TABLE', objects, idempotent }
  return { class: 'definition', verb: `DROP ${singular(kind)}`, objects, idempotent }
}

/** RENAME TABLE or RENAME USER, after the first word: both ends of every pair. */
export function readRename(cursor: TokenCursor): Findings | null {
  if (cursor.accept('USER')) {
    return { class: 'account', verb: 'RENAME USER', objects: readPairs(cursor, readAccount) }
  }
  if (!cursor.accept('TABLE') && !cursor.accept('TABLES')) return null
  return { class: 'definition', verb: 'RENAME TABLE', objects: readPairs(cursor, (at) => readName(at, 'table')) }
}

function readPairs(cursor: TokenCursor, read: (cursor: TokenCursor) => ObjectName | null): ObjectName[] {
  const objects: ObjectName[] = []
  do {
    const from = read(cursor)
    cursor.accept('TO')
    const to = read(cursor)
    for (const name of [from, to]) if (name !== null) objects.push(name)
  } while (cursor.acceptMark(','))
  return objects
}

export function readTruncate(cursor: TokenCursor): Findings {
  cursor.accept('TABLE')
  return { class: 'definition', verb: 'TRUNCATE TABLE', objects: readNames(cursor, 'table') }
}
