import type { ObjectName } from '../statement.ts'
import { lockingRefusal, serverRefusal } from './refusals.ts'
import type { Findings, TokenCursor } from './token-cursor.ts'
import { readAccount, readNames } from './token-cursor.ts'

/** Accounts separated by commas, as in DROP USER, GRANT ... TO and REVOKE ... FROM. */
export function readAccounts(cursor: TokenCursor): ObjectName[] {
  const accounts: ObjectName[] = []
  do {
    const account = readAccount(cursor)
    if (account !== null) accounts.push(account)
  } while (cursor.acceptMark(','))
  return accounts
}

/** The accounts of CREATE USER and ALTER USER, each of which may be followed by its authentication. */
export function readAccountDefinitions(cursor: TokenCursor): ObjectName[] {
  const accounts: ObjectName[] = []
  do {
    const account = readAccount(cursor)
    if (account !== null) accounts.push(account)
    // DEFAULT ROLE is followed by its own list.
    cursor.skipUntil(() => cursor.mark() === ',' || cursor.keyword() === 'DEFAULT')
  } while (cursor.acceptMark(','))
  return accounts
}

/** GRANT, after that word: the accounts that are granted privileges or roles. */
export function readGrant(cursor: TokenCursor): Findings {
  const found = cursor.skipUntil(() => cursor.accept('TO'))
  return { class: 'account', verb: 'GRANT', objects: found ? readAccounts(cursor) : [] }
}

/** REVOKE, after that word: the accounts that lose privileges or roles. */
export function readRevoke(cursor: TokenCursor): Findings {
  const idempotent = cursor.accept('IF', 'EXISTS')
  const found = cursor.skipUntil(() => cursor.accept('FROM'))
  return { class: 'account', verb: 'REVOKE', objects: found ? readAccounts(cursor) : [], idempotent }
}

/** SET PASSWORD, after both words: for the named account or the current one. */
export function readSetPassword(cursor: TokenCursor): Findings {
  const own: ObjectName = { type: 'account', schema: null, name: 'CURRENT_USER' }
  const account = cursor.accept('FOR') ? readAccount(cursor) : own
  return { class: 'account', verb: 'SET PASSWORD', objects: account === null ? [] : [account] }
}

/** SET DEFAULT ROLE ... TO accounts, after the first three words. */
export function readSetDefaultRole(cursor: TokenCursor): Findings {
  const found = cursor.skipUntil(() => cursor.accept('TO'))
  return { class: 'account', verb: 'SET DEFAULT ROLE', objects: found ? readAccounts(cursor) : [] }
}

/** PREPARE, after that word. */
export function readPrepare(cursor: TokenCursor): Findings {
  return { class: 'session', verb: 'PREPARE', prepared: preparedName(cursor) }
}

/** EXECUTE, after that word. */
export function readExecute(cursor: TokenCursor): Findings {
  return { class: 'execute', verb: 'EXECUTE', prepared: preparedName(cursor) }
}

/** DEALLOCATE PREPARE and DROP PREPARE, after the first word. */
export function readDeallocate(cursor: TokenCursor): Findings | null {
  if (!cursor.accept('PREPARE')) return null
  return { class: 'session', verb: 'DEALLOCATE PREPARE', prepared: preparedName(cursor) }
}

function preparedName(cursor: TokenCursor): string | null {
  return cursor.next()?.text ?? null
}

const logWords = new Set(['NO_WRITE_TO_BINLOG', 'LOCAL'])

/** ANALYZE, OPTIMIZE, CHECK, CHECKSUM and REPAIR TABLE, after the first word. */
export function readTableMaintenance(cursor: TokenCursor, verb: string): Findings | null {
  cursor.skipWords(logWords)
  if (!cursor.accept('TABLE') && !cursor.accept('TABLES')) return null
  return { class: 'maintenance', verb: `${verb} TABLE`, objects: readNames(cursor, 'table') }
}

/** FLUSH, after that word. WITH READ LOCK and FOR EXPORT lock tables like LOCK TABLES. */
export function readFlush(cursor: TokenCursor): Findings {
  cursor.skipWords(logWords)
  const ofTables = cursor.keyword() === 'TABLE' || cursor.keyword() === 'TABLES'
  const locks =
    ofTables && cursor.skipUntil(() => cursor.accept('WITH', 'READ', 'LOCK') || cursor.accept('FOR', 'EXPORT'))
  return locks ? lockingRefusal('FLUSH TABLES') : { class: 'maintenance', verb: 'FLUSH' }
}

/** RESET, after that word: RESET PERSIST is a setting, the others belong to replication. */
export function readReset(cursor: TokenCursor): Findings {
  if (cursor.accept('PERSIST')) return { class: 'maintenance', verb: 'RESET PERSIST' }
  return serverRefusal('RESET')
}

/** INSTALL and UNINSTALL of a plugin or component: a lasting change that the definitions of schema objects do not show. */
export function readInstall(cursor: TokenCursor, verb: string): Findings | null {
  const kind = cursor.keyword()
  return kind === 'PLUGIN' || kind === 'COMPONENT' ? { class: 'definition', verb: `${verb} ${kind}` } : null
}

/** IMPORT TABLE FROM files: the text does not name the tables. */
export function readImport(cursor: TokenCursor): Findings | null {
  return cursor.accept('TABLE') ? { class: 'definition', verb: 'IMPORT TABLE' } : null
}

/** CACHE INDEX. */
export function readCache(cursor: TokenCursor): Findings | null {
  return cursor.accept('INDEX') ? { class: 'maintenance', verb: 'CACHE INDEX' } : null
}
