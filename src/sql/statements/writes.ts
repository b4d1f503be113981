import type { ObjectName } from '../statement.ts'
import { type Findings, refuse } from './facts.ts'
import { readName, readOneName } from './names.ts'
import type { TokenCursor } from './token-cursor.ts'

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
      'It reads a file of the machine that the tool runs on, which is not part of the migration.',
      `Write the rows as INSERT statements, or put the file on the server and use ${verb} INFILE.`,
    )
  }
  const found = cursor.skipUntil(() => cursor.accept('INTO', 'TABLE'))
  return { class: 'data', verb, objects: found ? readOneName(cursor, 'table') : [] }
}
