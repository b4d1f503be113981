import type { ObjectName } from '../statement.ts'
import type { TokenCursor } from './token-cursor.ts'
import { type Findings, readName, readOneName, refuse } from './token-cursor.ts'

const priorities = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE', 'CONCURRENT'])

/** INSERT or REPLACE, after that word. */
export function readInsert(cursor: TokenCursor, verb: 'INSERT' | 'REPLACE'): Findings {
  cursor.skipWords(priorities)
  cursor.accept('INTO')
  return { class: 'data', verb, objects: readOneName(cursor, 'table') }
}

/** UPDATE, after that word; the table is named when there is only one. */
export function readUpdate(cursor: TokenCursor): Findings {
  cursor.skipWords(priorities)
  const table = readName(cursor, 'table')
  skipPartitionAndAlias(cursor)
  return { class: 'data', verb: 'UPDATE', objects: table !== null && cursor.keyword() === 'SET' ? [table] : [] }
}

const afterDelete = new Set(['', 'WHERE', 'ORDER', 'LIMIT'])

/** DELETE, after that word; the table is named when there is only one. */
export function readDelete(cursor: TokenCursor): Findings {
  cursor.skipWords(priorities)
  return { class: 'data', verb: 'DELETE', objects: cursor.accept('FROM') ? readDeletedTable(cursor) : [] }
}

function readDeletedTable(cursor: TokenCursor): ObjectName[] {
  const table = readName(cursor, 'table')
  skipPartitionAndAlias(cursor)
  const isSimple = table !== null && cursor.mark() === '' && afterDelete.has(cursor.keyword())
  return isSimple ? [table] : []
}

const endsTable = new Set([
  'SET',
  'WHERE',
  'ORDER',
  'LIMIT',
  'USING',
  'JOIN',
  'INNER',
  'CROSS',
  'LEFT',
  'RIGHT',
  'NATURAL',
])

function skipPartitionAndAlias(cursor: TokenCursor): void {
  if (cursor.accept('PARTITION')) {
    cursor.skipUntil(() => cursor.keyword() !== '' || cursor.peek()?.type === 'name')
  }
  if (cursor.accept('AS')) cursor.next()
  else if (cursor.peek()?.type === 'name' || (cursor.keyword() !== '' && !endsTable.has(cursor.keyword())))
    cursor.next()
}

/** LOAD DATA, LOAD XML and LOAD INDEX, after the first word. */
export function readLoad(cursor: TokenCursor): Findings | null {
  if (cursor.accept('INDEX')) return { class: 'maintenance', verb: 'LOAD INDEX INTO CACHE' }
  const kind = cursor.keyword()
  if (kind !== 'DATA' && kind !== 'XML') return null
  cursor.next()
  cursor.skipWords(priorities)
  const verb = `LOAD ${kind}`
  if (cursor.accept('LOCAL')) {
    return refuse(
      `${verb} LOCAL`,
      'It reads a file on the machine that runs wwdb, and that file is not part of the migration.',
      `Write the rows as INSERT statements, or put the file on the server and use \`${verb} INFILE\`.`,
    )
  }
  const found = cursor.skipUntil(() => cursor.accept('INTO', 'TABLE'))
  return { class: 'data', verb, objects: found ? readOneName(cursor, 'table') : [] }
}

const mainVerbs = new Set(['SELECT', 'TABLE', 'VALUES', 'UPDATE', 'DELETE'])

/** SELECT, TABLE, VALUES or a query in parentheses, after its first word. */
export function readQuery(cursor: TokenCursor, verb: string): Findings {
  return { class: assignsVariables(cursor) ? 'session' : 'data', verb }
}

/** A query that begins with parentheses, before the first of them. */
export function readParenthesized(cursor: TokenCursor): Findings | null {
  while (cursor.mark() === '(') cursor.next()
  const verb = cursor.keyword()
  if (verb === 'WITH') return cursor.accept('WITH') ? readWith(cursor) : null
  return mainVerbs.has(verb) ? readQuery(cursor, verb) : null
}

/** WITH, after that word: the statement to which its common table expressions belong. */
export function readWith(cursor: TokenCursor): Findings | null {
  if (!cursor.skipUntil(() => mainVerbs.has(cursor.keyword()) || isQueryInParentheses(cursor))) return null
  if (cursor.mark() === '(') return readParenthesized(cursor)
  const verb = cursor.keyword()
  cursor.next()
  if (verb === 'UPDATE') return readUpdate(cursor)
  if (verb === 'DELETE') return readDelete(cursor)
  return readQuery(cursor, verb)
}

/** `WITH a AS (...) (SELECT ...)`: a parenthesis that follows another one, not a name or AS. */
function isQueryInParentheses(cursor: TokenCursor): boolean {
  return cursor.mark() === '(' && cursor.lastMark() === ')'
}

/** `SELECT ... INTO @v` and `SELECT @v := 1` set a user variable of the session. */
function assignsVariables(cursor: TokenCursor): boolean {
  if (!cursor.text.includes('@')) return false
  for (let token = cursor.next(); token !== null; token = cursor.next()) {
    if (token.type === 'punctuation' && token.text === ':=') return true
    const isInto = token.type === 'word' && token.text.toUpperCase() === 'INTO'
    if (isInto && cursor.peek()?.type === 'user-variable') return true
  }
  return false
}
