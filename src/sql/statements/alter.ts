import type { ObjectName } from '../statement.ts'
import { readAccountDefinitions } from './accounts.ts'
import { objectKinds, readOpaqueKind, singular, skipModifiers } from './create.ts'
import type { Findings } from './facts.ts'
import { readName, readOneName } from './names.ts'
import { findReferences, pushName } from './references.ts'
import type { TokenCursor } from './token-cursor.ts'

const databaseOptions = new Set(['DEFAULT', 'CHARACTER', 'CHARSET', 'COLLATE', 'ENCRYPTION', 'READ'])

/** ALTER, after that word. */
export function readAlter(cursor: TokenCursor): Findings | null {
  if (cursor.accept('INSTANCE')) return { class: 'maintenance', verb: 'ALTER INSTANCE' }
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
