import type { ObjectName } from '../statement.ts'
import type { Findings } from './facts.ts'
import { readAccount } from './names.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Accounts with commas between them, as DROP USER, GRANT ... TO and REVOKE ... FROM have them. */
export function readAccounts(cursor: TokenCursor): ObjectName[] {
  const accounts: ObjectName[] = []
  do {
    const account = readAccount(cursor)
    if (account !== null) accounts.push(account)
  } while (cursor.acceptMark(','))
  return accounts
}

/** The accounts of CREATE USER and ALTER USER, each of which may be followed by how it is identified. */
export function readAccountDefinitions(cursor: TokenCursor): ObjectName[] {
  const accounts: ObjectName[] = []
  do {
    const account = readAccount(cursor)
    if (account !== null) accounts.push(account)
    // DEFAULT ROLE is followed by a list of its own.
    cursor.skipUntil(() => cursor.mark() === ',' || cursor.keyword() === 'DEFAULT')
  } while (cursor.acceptMark(','))
  return accounts
}

/** GRANT, after that word: the accounts that are given something. */
export function readGrant(cursor: TokenCursor): Findings {
  const found = cursor.skipUntil(() => cursor.accept('TO'))
  return { class: 'account', verb: 'GRANT', objects: found ? readAccounts(cursor) : [] }
}

/** REVOKE, after that word: the accounts that something is taken from. */
export function readRevoke(cursor: TokenCursor): Findings {
  const idempotent = cursor.accept('IF', 'EXISTS')
  const found = cursor.skipUntil(() => cursor.accept('FROM'))
  return { class: 'account', verb: 'REVOKE', objects: found ? readAccounts(cursor) : [], idempotent }
}

/** SET PASSWORD, after both words: for the account named, or for the one that runs it. */
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
