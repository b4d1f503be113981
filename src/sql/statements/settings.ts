import type { Token } from '../tokens.ts'
import { tokenize } from '../tokens.ts'
import { readSetDefaultRole, readSetPassword } from './administration.ts'
import { type Findings, readName, refuse, type TokenCursor } from './token-cursor.ts'

/**
 * Character sets in which every byte below 0x80 is the ASCII character and no part of another one, as in UTF-8. In all
 * others (big5, cp932, euckr, gb18030, gbk, sjis, swe7, ucs2, utf16, utf16le, utf32) the server may read a quote or a
 * backslash as part of a character, or a letter as a backslash, and so find other strings and statements than the scanner
 * does.
 */
const safeSets: ReadonlySet<string> = new Set(
  (
    'utf8mb4 utf8mb3 utf8 ascii binary latin1 latin2 latin5 latin7 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 ' +
    'hp8 koi8r koi8u greek hebrew armscii8 geostd8 keybcs2 macce macroman tis620 ujis eucjpms gb2312'
  ).split(' '),
)

export function isSafeClientSet(name: string): boolean {
  return safeSets.has(name.toLowerCase())
}

export const clientSetVerb = 'SET character_set_client'

function refuseClientSet(name: string): Findings {
  return refuse(clientSetVerb, whyUnsafe(name), useUtf8)
}

export function whyUnsafe(name: string): string {
  return `With the client character set \`${name}\` the server may read a quote or a backslash as part of a character, and so run a statement other than the one that was checked.`
}

export const useUtf8 =
  'Leave it out: statements are sent as UTF-8, and the server converts values to the character set of each column.'

/**
 * The character set that an assignment names, where the value is the next token; null where the text does not show it: a variable,
 * an expression, DEFAULT.
 */
function readNamedSet(cursor: TokenCursor): string | null {
  const value = cursor.peek()
  if (
    value === null ||
    value.type === 'punctuation' ||
    value.type === 'user-variable' ||
    value.type === 'system-variable'
  )
    return null
  const follows = cursor.peek(1)
  const isAlone = follows === null || [',', ';'].includes(cursor.mark(1)) || cursor.keyword(1) === 'COLLATE'
  if (!isAlone || cursor.keyword() === 'DEFAULT') return null
  return value.text
}

/** Words after which an @ begins a variable even without a space; after other words it begins an account's host. */
const keywords = new Set(
  (
    'SELECT SET INTO VALUES BY AND OR IN LIKE THEN ELSE WHEN CASE LIMIT OFFSET DO CALL RETURN NOT IS BETWEEN DIV MOD XOR FROM ' +
    'USING WHERE HAVING ON AS DISTINCT ALL INTERVAL REGEXP RLIKE ROW VALUE BINARY'
  ).split(' '),
)

/** The user variables that a statement mentions, in lower case, each once. */
export function findUserVariables(text: string): string[] {
  if (!text.includes('@')) return []
  const names = new Set<string>()
  let before: Token | undefined
  for (const token of tokenize(text)) {
    if (token.type === 'user-variable' && !isHost(token, before)) names.add(token.text.toLowerCase())
    before = token
  }
  return [...names]
}

/** `root`@`localhost`: what follows a name or string without a blank. */
function isHost(token: Token, before: Token | undefined): boolean {
  if (before === undefined || before.end !== token.start) return false
  if (before.type === 'word') return !keywords.has(before.text.toUpperCase())
  return before.type === 'name' || before.type === 'string'
}

/** What SET NAMES and SET CHARACTER SET assign (MySQL Reference Manual, "SET NAMES", "SET CHARACTER SET"). */
const namesVariables = [
  'character_set_client',
  'character_set_connection',
  'character_set_results',
  'collation_connection',
]
const characterSetVariables = namesVariables

const scopes = new Set(['GLOBAL', 'PERSIST', 'PERSIST_ONLY', 'SESSION', 'LOCAL'])
const lasting = new Set(['GLOBAL', 'PERSIST', 'PERSIST_ONLY'])

/** Session variables that would change where the journal's transaction ends. */
const transactionVariables = new Set(['autocommit', 'completion_type'])

/** The variables that one SET assigns. */
interface Assigned {
  readonly session: string[]
  user: boolean
  /** The first of GLOBAL, PERSIST and PERSIST_ONLY that occurs. */
  lasting: string | null
  /** The first client character set under which the server could read statements differently from the scanner. */
  unsafeClient: string | null
}

/** SET, after that word. */
export function readSet(cursor: TokenCursor): Findings {
  if (cursor.accept('PASSWORD')) return readSetPassword(cursor)
  if (cursor.accept('DEFAULT', 'ROLE')) return readSetDefaultRole(cursor)
  if (cursor.accept('ROLE')) return { class: 'session', verb: 'SET ROLE' }
  if (cursor.accept('RESOURCE', 'GROUP')) return { class: 'session', verb: 'SET RESOURCE GROUP' }
  const scope = scopes.has(cursor.keyword()) ? cursor.keyword() : ''
  if (cursor.keyword(scope === '' ? 0 : 1) === 'TRANSACTION') return readSetTransaction(cursor, scope)
  const verb = cursor.keyword() === 'NAMES' ? 'SET NAMES' : isCharacterSet(cursor) ? 'SET CHARACTER SET' : 'SET'
  return judge(verb, readAssignments(cursor))
}

function judge(verb: string, assigned: Assigned): Findings {
  const ends = assigned.session.find((name) => transactionVariables.has(name))
  if (ends !== undefined) {
    return refuse(
      `SET ${ends}`,
      'Every data statement shares a transaction with its journal row, and this would change where the transaction ends.',
      'Leave it out: each statement is committed as soon as it has run.',
    )
  }
  if (assigned.unsafeClient !== null) return refuseClientSet(assigned.unsafeClient)
  const ofSession = assigned.user || assigned.session.length > 0
  if (ofSession || assigned.lasting === null) return { class: 'session', verb, sessionVariables: assigned.session }
  return { class: 'maintenance', verb: `SET ${assigned.lasting}` }
}

/** SET TRANSACTION, before its scope. */
function readSetTransaction(cursor: TokenCursor, scope: string): Findings {
  if (scope === 'GLOBAL') return { class: 'maintenance', verb: 'SET GLOBAL TRANSACTION' }
  const sessionVariables: string[] = []
  for (; cursor.peek() !== null; cursor.next()) {
    if (cursor.keyword() === 'ISOLATION') sessionVariables.push('transaction_isolation')
    // READ COMMITTED is an isolation level, READ ONLY and READ WRITE are access modes.
    if (cursor.keyword() === 'READ' && ['ONLY', 'WRITE'].includes(cursor.keyword(1))) {
      sessionVariables.push('transaction_read_only')
    }
  }
  return { class: 'session', verb: 'SET TRANSACTION', sessionVariables }
}

/** A scope also applies to the assignments after it that name none (measured on MySQL 9.7 with SET GLOBAL a = 1, b = 2). */
function readAssignments(cursor: TokenCursor): Assigned {
  const assigned: Assigned = { session: [], user: false, lasting: null, unsafeClient: null }
  let scope = 'SESSION'
  do {
    if (scopes.has(cursor.keyword()) && cursor.mark(1) === '') {
      scope = cursor.keyword()
      cursor.next()
    }
    readAssignment(cursor, scope, assigned)
    // In the body of a procedure a semicolon ends the statement.
    cursor.skipUntil(() => cursor.mark() === ',' || cursor.mark() === ';')
  } while (cursor.acceptMark(','))
  return assigned
}

function readAssignment(cursor: TokenCursor, scope: string, assigned: Assigned): void {
  const token = cursor.peek()
  if (token?.type === 'user-variable') assigned.user = true
  else if (token?.type === 'system-variable') {
    cursor.next()
    assignSystemVariable(token.text, cursor, assigned)
  } else if (cursor.keyword() === 'NAMES' && cursor.mark(1) !== '=') assignNames(cursor, 1, namesVariables, assigned)
  else if (isCharacterSet(cursor))
    assignNames(cursor, cursor.keyword() === 'CHARSET' ? 1 : 2, characterSetVariables, assigned)
  else {
    const name = readName(cursor, 'table')
    if (name !== null) assign(scope, name.schema === null ? name.name : `${name.schema}.${name.name}`, cursor, assigned)
  }
}

/** The assignments of SET NAMES and SET CHARACTER SET. */
function assignNames(cursor: TokenCursor, words: number, variables: readonly string[], assigned: Assigned): void {
  for (let word = 0; word < words; word += 1) cursor.next()
  assigned.session.push(...variables)
  noteClientSet(cursor, assigned)
}

/** `@@session.x`, `@@global.x`, `@@x`. */
function assignSystemVariable(text: string, cursor: TokenCursor, assigned: Assigned): void {
  const dot = text.indexOf('.')
  const scope = dot < 0 ? '' : text.slice(0, dot).toUpperCase()
  if (scopes.has(scope)) assign(scope, text.slice(dot + 1), cursor, assigned)
  else assign('SESSION', text, cursor, assigned)
}

function assign(scope: string, name: string, cursor: TokenCursor, assigned: Assigned): void {
  if (lasting.has(scope)) {
    assigned.lasting ??= scope
    return
  }
  assigned.session.push(name.toLowerCase())
  const isClient = name.toLowerCase() === 'character_set_client'
  if (isClient && (cursor.acceptMark('=') || cursor.acceptMark(':='))) noteClientSet(cursor, assigned)
}

function noteClientSet(cursor: TokenCursor, assigned: Assigned): void {
  const name = readNamedSet(cursor)
  if (name !== null && !isSafeClientSet(name)) assigned.unsafeClient ??= name
}

function isCharacterSet(cursor: TokenCursor): boolean {
  if (cursor.keyword() === 'CHARSET') return cursor.mark(1) === ''
  return ['CHARACTER', 'CHAR'].includes(cursor.keyword()) && cursor.keyword(1) === 'SET'
}
