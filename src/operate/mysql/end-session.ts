import { setTimeout as sleep } from 'node:timers/promises'
import { killUntil } from '../../core/kill-until.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { type MetadataLocks, metadataLocksOf } from '../../mysql/metadata-locks.ts'
import { secondsSinceBegin } from '../../mysql/transaction-age.ts'
import type { BlockingSession } from '../kill-blockers.ts'
import { shortenStatement, tableLocks } from './table-holders.ts'

/** Those of LOCK TABLES, and of FLUSH TABLES ... FOR EXPORT and WITH READ LOCK, which an ALTER that copies has as well. */
const locksOfTables = `${tableLocks},'SHARED_NO_WRITE'`

/** What wwdb sends with each login: connections beside that of a run hold no lock of its name. */
const isOfTool = `EXISTS (SELECT 1 FROM performance_schema.session_connect_attrs a WHERE a.PROCESSLIST_ID=t.PROCESSLIST_ID AND a.ATTR_NAME='program_name' AND a.ATTR_VALUE='wwdb')`

const locksOf = (locks: MetadataLocks, condition: string): string =>
  `EXISTS (SELECT 1 FROM ${locks.table} g WHERE g.OWNER_THREAD_ID=t.THREAD_ID AND g.LOCK_STATUS='GRANTED' AND ${condition})`

const selectSession = (
  locks: MetadataLocks,
  id: number,
): string => `SELECT t.PROCESSLIST_USER,t.PROCESSLIST_HOST,${secondsSinceBegin('x')},x.trx_rows_modified,
 COALESCE(t.PROCESSLIST_INFO,(SELECT MAX(s.SQL_TEXT) FROM performance_schema.events_statements_current s WHERE s.THREAD_ID=t.THREAD_ID)),
 t.TYPE='BACKGROUND' OR t.PROCESSLIST_COMMAND IN ('Binlog Dump','Binlog Dump GTID','Daemon','Connect')
  OR t.NAME REGEXP 'slave|replica|group_rpl|event' OR COALESCE(t.PROCESSLIST_USER,'') IN ('','system user','event_scheduler'),
 ${locksOf(locks, "g.OBJECT_TYPE IN ('GLOBAL','COMMIT','BACKUP LOCK') AND g.LOCK_TYPE='SHARED'")},
 ${locksOf(locks, `g.OBJECT_TYPE='TABLE' AND g.LOCK_TYPE IN (${locksOfTables})`)},
 EXISTS (SELECT 1 FROM performance_schema.events_transactions_current e WHERE e.THREAD_ID=t.THREAD_ID AND e.XA_STATE='PREPARED'),
 ${locksOf(locks, "g.OBJECT_TYPE='USER LEVEL LOCK' AND g.OBJECT_NAME LIKE 'wwdb%'")} OR ${isOfTool},
 NOT ${locks.shows('t')}
FROM performance_schema.threads t LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id=t.PROCESSLIST_ID
WHERE t.PROCESSLIST_ID=${id}`

const kinds = ['replication', 'server-lock', 'table-lock', 'prepared', 'wwdb', 'unseen'] as const

/** What is known of a session before it is ended; null where it is gone. */
export async function readSession(
  connection: Asker & { readonly isOwn: (id: number) => boolean },
  connectionId: number,
): Promise<BlockingSession | null> {
  const { rows } = await connection.ask(selectSession(await metadataLocksOf(connection), connectionId))
  const [row] = rows
  if (row === undefined) return null
  const [user, host, seconds, changed, statement, ...flags] = row
  const holds = kinds.filter(
    (kind, index) => Number(flags[index]) === 1 || (kind === 'wwdb' && connection.isOwn(connectionId)),
  )
  const number = (cell: typeof seconds): number | null => (cell === null || cell === undefined ? null : Number(cell))
  return {
    connectionId,
    user: user === null || user === undefined ? null : String(user),
    host: host === null || host === undefined || host === '' ? null : String(host),
    seconds: number(seconds),
    rows: number(changed),
    statement: statement === null || statement === undefined ? null : shortenStatement(String(statement)),
    holds,
  }
}

/** Milliseconds between two looks whether a session is gone. */
const again = 100

/** Sends KILL until the server has neither the session nor its transaction, which it rolls back first; false where it still has it after that many milliseconds. */
export async function endSession(connection: Asker, connectionId: number, milliseconds: number): Promise<boolean> {
  const kill = (): Promise<unknown> => connection.ask(`KILL ${connectionId}`)
  try {
    await kill()
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownThread)) throw error
  }
  const end = performance.now() + milliseconds
  const state = { isGone: false }
  const over = (async () => {
    for (;;) {
      const { rows } = await connection.ask(
        `SELECT (SELECT COUNT(*) FROM performance_schema.threads WHERE PROCESSLIST_ID=${connectionId})+(SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id=${connectionId})`,
      )
      state.isGone = Number(rows[0]?.[0]) === 0
      if (state.isGone || performance.now() >= end) return
      await sleep(again)
    }
  })()
  await killUntil(over, kill)
  await over
  return state.isGone
}
