import type { ObjectName } from '../statement.ts'
import { readAccounts } from './accounts.ts'
import { objectKinds, readDropIndex, readOpaqueKind, singular } from './create.ts'
import type { Findings } from './facts.ts'
import { readAccount, readName, readNames } from './names.ts'
import { readDeallocate } from './prepared.ts'
import type { TokenCursor } from './token-cursor.ts'

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
