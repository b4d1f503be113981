// What makes statements wait without being a connection's table lock: locks of the whole server, and prepared XA transactions.
import type { Holder } from '../core/holder.ts'
import type { Asker, Cell, Connection } from './connection.ts'
import { isServerError } from './errors.ts'
import { type MetadataLocks, metadataLocksOf } from './metadata-locks.ts'

const threadOf = (alias: string, id: number): string =>
  `JOIN performance_schema.threads ${alias} ON ${alias}.THREAD_ID=w.OWNER_THREAD_ID AND ${alias}.PROCESSLIST_ID=${id}`

/**
 * Connections with a lock on the whole server: FLUSH TABLES WITH READ LOCK holds one of type GLOBAL and one of type COMMIT, LOCK INSTANCE FOR BACKUP one of type
 * BACKUP LOCK. Writers hold these, too, as INTENTION_EXCLUSIVE, which keeps no other writer out.
 */
const selectServerLocks = (
  { table, isWhole }: MetadataLocks,
  waiter: number | null,
): string => `SELECT DISTINCT p.ID,p.USER,p.HOST,p.TIME,g.OBJECT_TYPE='BACKUP LOCK'
FROM ${table} g
JOIN performance_schema.threads gt ON gt.THREAD_ID=g.OWNER_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID=gt.PROCESSLIST_ID
WHERE g.LOCK_STATUS='GRANTED' AND g.LOCK_TYPE='SHARED' AND g.OBJECT_TYPE IN ('GLOBAL','COMMIT','BACKUP LOCK')${
  waiter === null ? '' : ` AND EXISTS (${isWhole ? selectPending(waiter) : selectWaiting(waiter)})`
}`

const selectPending = (waiter: number): string =>
  `SELECT 1 FROM performance_schema.metadata_locks w ${threadOf('wt', waiter)} WHERE w.LOCK_STATUS='PENDING' AND w.OBJECT_TYPE=g.OBJECT_TYPE`

/** For which lock of the server it waits, by its state. */
const selectWaiting = (waiter: number): string =>
  `SELECT 1 FROM performance_schema.threads wt WHERE wt.PROCESSLIST_ID=${waiter} AND wt.PROCESSLIST_STATE=CASE g.OBJECT_TYPE WHEN 'GLOBAL' THEN 'Waiting for global read lock' WHEN 'COMMIT' THEN 'Waiting for commit lock' ELSE 'Waiting for backup lock' END`

/** The owner of the locks of a prepared transaction whose connection has ended is a thread that no longer exists. */
const selectOrphanedTables = (id: number): string => `SELECT 1
FROM performance_schema.metadata_locks w ${threadOf('wt', id)}
JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE=w.OBJECT_TYPE AND g.OBJECT_SCHEMA<=>w.OBJECT_SCHEMA
 AND g.OBJECT_NAME<=>w.OBJECT_NAME AND g.LOCK_STATUS='GRANTED' AND g.OWNER_THREAD_ID<>w.OWNER_THREAD_ID
LEFT JOIN performance_schema.threads gt ON gt.THREAD_ID=g.OWNER_THREAD_ID
WHERE w.LOCK_STATUS='PENDING' AND w.OBJECT_TYPE IN ('TABLE','SCHEMA') AND gt.PROCESSLIST_ID IS NULL
UNION ALL `

const selectOrphanedLocks = (
  { isWhole }: MetadataLocks,
  id: number,
): string => `${isWhole ? selectOrphanedTables(id) : ''}SELECT 1 FROM performance_schema.data_lock_waits w
JOIN performance_schema.threads wt ON wt.THREAD_ID=w.REQUESTING_THREAD_ID AND wt.PROCESSLIST_ID=${id}
LEFT JOIN performance_schema.threads bt ON bt.THREAD_ID=w.BLOCKING_THREAD_ID
WHERE bt.PROCESSLIST_ID IS NULL LIMIT 1`

/** A prepared transaction may be what it waits for where the locks of threads that are gone cannot be read. */
const selectTableWait = (id: number): string =>
  `SELECT 1 FROM performance_schema.threads WHERE PROCESSLIST_ID=${id} AND PROCESSLIST_STATE LIKE 'Waiting for %metadata lock'`

const most = 10

/** Without the privilege to look, nothing is known. */
async function askOr<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isServerError(error) || error.fatal) throw error
    return otherwise
  }
}

/** @param waiter whose statement waits for them now; null for all of them */
export function findServerLocks(connection: Connection, waiter: number | null): Promise<readonly Holder[]> {
  return askOr<readonly Holder[]>([], async () => {
    const { rows } = await connection.ask(selectServerLocks(await metadataLocksOf(connection), waiter))
    return rows.map(
      ([id, user, host, seconds, isBackup]): Holder => ({
        connectionId: Number(id),
        user: String(user),
        host: host === null || host === undefined || host === '' ? null : String(host),
        seconds: seconds === null || seconds === undefined ? null : Number(seconds),
        state: null,
        statement: null,
        orphaned: false,
        holds: Number(isBackup) === 1 ? '`LOCK INSTANCE FOR BACKUP`' : '`FLUSH TABLES WITH READ LOCK`',
      }),
    )
  })
}

const selectPreparedOf = (
  ids: readonly number[],
): string => `SELECT t.PROCESSLIST_ID,e.XID_FORMAT_ID,e.XID_GTRID,e.XID_BQUAL
FROM performance_schema.events_transactions_current e JOIN performance_schema.threads t ON t.THREAD_ID=e.THREAD_ID
WHERE e.XA_STATE='PREPARED' AND t.PROCESSLIST_ID IN (${ids.join(',')})`

/** The same holders; those with a prepared XA transaction are marked: it remains when their connection is killed. */
export function nameTheirPrepared(connection: Connection, holders: readonly Holder[]): Promise<readonly Holder[]> {
  if (holders.length === 0) return Promise.resolve(holders)
  return askOr(holders, async () => {
    const { rows } = await connection.ask(selectPreparedOf(holders.map(({ connectionId }) => connectionId)))
    const names = new Map(
      rows.map(([id, format, global, branch]) => [Number(id), nameXa(toHex(global), toHex(branch), Number(format))]),
    )
    return holders.map((holder) => {
      const name = names.get(holder.connectionId)
      return name === undefined ? holder : { ...holder, holds: `${describeXa(name)} in that connection` }
    })
  })
}

/** performance_schema shows an id that cannot be printed as `0x00FF`, and others as they are. */
function toHex(part: Cell | undefined): string {
  const text = part === null || part === undefined ? '' : String(part)
  return /^0x[0-9A-F]*$/.test(text) ? text.slice(2) : Buffer.from(text, 'latin1').toString('hex')
}

/** The prepared XA transactions of the server, where one of them makes connection `id` wait: the server does not show which one. */
export function findPrepared(connection: Connection, id: number): Promise<readonly Holder[]> {
  return askOr<readonly Holder[]>([], async () => {
    const locks = await metadataLocksOf(connection)
    const { rows } = await connection.ask(selectOrphanedLocks(locks, id))
    if (rows.length > 0) return await listPrepared(connection)
    if (locks.isWhole) return []
    const { rows: waits } = await connection.ask(selectTableWait(id))
    return waits.length > 0 && (await readPrepared(connection)).length > 0 ? await listPrepared(connection) : []
  })
}

/** The prepared XA transactions of the server, each with what ends it. */
export async function listPrepared(connection: Connection): Promise<readonly Holder[]> {
  const names = await askOr<readonly string[]>([], () => readPrepared(connection))
  const unknown = 'a prepared XA transaction, which `XA RECOVER` lists, and which `XA COMMIT` or `XA ROLLBACK` ends'
  if (names.length === 0) return [withoutConnection(unknown)]
  return names.slice(0, most).map((name) => withoutConnection(describeXa(name)))
}

const describeXa = (name: string): string =>
  `the prepared XA transaction ${name}, which \`XA COMMIT ${name}\` or \`XA ROLLBACK ${name}\` ends`

const withoutConnection = (holds: string): Holder => ({
  connectionId: 0,
  user: null,
  host: null,
  seconds: null,
  state: null,
  statement: null,
  orphaned: false,
  holds,
})

/** The IDs of prepared XA transactions in the form of XA COMMIT. Error 1401 without XA_RECOVER_ADMIN. */
export async function readPrepared(connection: Asker): Promise<readonly string[]> {
  const { rows } = await connection.ask('XA RECOVER CONVERT XID')
  return rows.map(([format, global, branch, data]) => {
    const hex = String(data).replace(/^0x/i, '')
    const end = Number(global) * 2
    return nameXa(hex.slice(0, end), hex.slice(end, end + Number(branch) * 2), Number(format))
  })
}

/** An XID in the form of XA COMMIT: parts with their default are left out. */
function nameXa(global: string, branch: string, format: number): string {
  const isUsual = format === 1
  const parts = [quoteId(global), ...(branch === '' && isUsual ? [] : [quoteId(branch)])]
  return [...parts, ...(isUsual ? [] : [String(format)])].join(',')
}

/** Printable IDs as text, others as bytes. */
function quoteId(hex: string): string {
  const text = Buffer.from(hex, 'hex').toString('latin1')
  return /^[\w.:@\-/ ]*$/.test(text) ? `'${text}'` : `x'${hex}'`
}
