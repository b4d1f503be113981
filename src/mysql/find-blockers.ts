import type { Holder } from '../core/holder.ts'
import { tokenize } from '../sql/tokens.ts'
import type { Cell, Connection, Row } from './connection.ts'
import { isServerError } from './errors.ts'
import { type MetadataLocks, metadataLocksOf } from './metadata-locks.ts'
import { findPrepared, findServerLocks, nameTheirPrepared } from './server-locks.ts'

/** Of information_schema.PROCESSLIST. */
export const processColumns = 'ID,USER,HOST,TIME,STATE,INFO'

function optional(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined || cell === '' ? null : String(cell)
}

/** A row of `processColumns`. */
export function toHolder(row: Row, orphaned = false): Holder {
  return {
    connectionId: Number(row[0]),
    user: optional(row[1]),
    host: optional(row[2]),
    seconds: row[3] === null || row[3] === undefined ? null : Number(row[3]),
    state: optional(row[4]),
    statement: optional(row[5]),
    orphaned,
  }
}

const columns = processColumns
  .split(',')
  .map((name) => `p.${name}`)
  .join(',')

/** Who holds a metadata lock that wwdb's statement waits for (performance_schema, metadata_locks table). */
const byMetadataLock = (id: number): string => `SELECT DISTINCT ${columns}
FROM performance_schema.metadata_locks w
JOIN performance_schema.threads wt ON wt.THREAD_ID=w.OWNER_THREAD_ID AND wt.PROCESSLIST_ID=${id}
JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE=w.OBJECT_TYPE AND g.OBJECT_SCHEMA<=>w.OBJECT_SCHEMA
 AND g.OBJECT_NAME<=>w.OBJECT_NAME AND g.LOCK_STATUS='GRANTED' AND g.OWNER_THREAD_ID<>w.OWNER_THREAD_ID
JOIN performance_schema.threads gt ON gt.THREAD_ID=g.OWNER_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID=gt.PROCESSLIST_ID
WHERE w.LOCK_STATUS='PENDING' AND w.OBJECT_TYPE IN ('TABLE','SCHEMA')`

/**
 * The same where the locks of the statement itself cannot be read: who holds a table in its schema or in one that its text names, with the table, and the text, while it
 * waits for a metadata lock.
 */
const byNamedTable = (
  id: number,
  { table }: MetadataLocks,
): string => `SELECT DISTINCT ${columns},g.OBJECT_NAME,LEFT(wt.PROCESSLIST_INFO,${longestText})
FROM performance_schema.threads wt
JOIN ${table} g ON g.OBJECT_TYPE='TABLE' AND g.LOCK_STATUS='GRANTED' AND g.OWNER_THREAD_ID<>wt.THREAD_ID
 AND LOCATE(g.OBJECT_NAME,wt.PROCESSLIST_INFO)>0
JOIN performance_schema.threads gt ON gt.THREAD_ID=g.OWNER_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID=gt.PROCESSLIST_ID
WHERE wt.PROCESSLIST_ID=${id} AND wt.PROCESSLIST_STATE LIKE 'Waiting for %metadata lock'
 AND (g.OBJECT_SCHEMA=wt.PROCESSLIST_DB OR LOCATE(g.OBJECT_SCHEMA,wt.PROCESSLIST_INFO)>0)`

const longestText = 100_000

/** Whether a row of `byNamedTable` has a table that its text names: not as a part of another name, nor in a string. */
function isNamed(row: Row): boolean {
  const [table, text] = row.slice(-2).map((cell) => String(cell ?? ''))
  return tokenize(text ?? '').some(
    (token) =>
      (token.type === 'word' || token.type === 'name') && token.text.toLowerCase() === (table ?? '').toLowerCase(),
  )
}

/** Who holds a row lock that wwdb's statement waits for (performance_schema, data_lock_waits table). */
const byRowLock = (id: number): string => `SELECT DISTINCT ${columns}
FROM performance_schema.data_lock_waits w
JOIN performance_schema.threads wt ON wt.THREAD_ID=w.REQUESTING_THREAD_ID AND wt.PROCESSLIST_ID=${id}
JOIN performance_schema.threads bt ON bt.THREAD_ID=w.BLOCKING_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID=bt.PROCESSLIST_ID`

/**
 * Without performance_schema the server does not report who blocks whom: the oldest open transactions are the likely blockers. With it they are
 * not read, unless the account may not read it: a statement that is only slow has no blockers.
 */
const byTransactionAge = (id: number, refused: boolean): string => `SELECT ${columns}
FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID=t.trx_mysql_thread_id
WHERE p.ID<>${id} AND p.ID<>CONNECTION_ID()${refused ? '' : ' AND @@GLOBAL.performance_schema=0'} ORDER BY t.trx_started LIMIT 3`

/**
 * Names the connections that make connection `id` wait, except for those of this run. An empty list means that no other connection is visible:
 * nothing blocks, only another statement of this run does, or the account may not see it.
 */
export async function findBlockers(connection: Connection, id: number): Promise<readonly Holder[]> {
  let refused = false
  const locks = await metadataLocksOf(connection)
  const ofTables = locks.isWhole ? byMetadataLock(id) : byNamedTable(id, locks)
  for (const query of [() => ofTables, () => byRowLock(id), () => byTransactionAge(id, refused)]) {
    try {
      const text = query()
      const { rows } = await connection.ask(text)
      const named = text === ofTables && !locks.isWhole ? rows.filter(isNamed) : rows
      const holders = [...new Map(named.map((row) => [String(row[0]), toHolder(row)])).values()]
      const others = holders.filter(({ connectionId }) => !connection.isOwn(connectionId))
      if (holders.length > 0) {
        const known = await nameTheirPrepared(connection, others)
        return [...known, ...(await findPrepared(connection, id)), ...(await findServerLocks(connection, id))]
      }
    } catch (error) {
      if (!isServerError(error) || error.fatal) throw error
      refused = true
    }
  }
  return [...(await findPrepared(connection, id)), ...(await findServerLocks(connection, id))]
}
