import type { Holder } from '../../core/holder.ts'
import type { Target } from '../../core/target.ts'
import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import { isServerError } from '../../mysql/errors.ts'
import { acquireLock, proveLock, releaseAnywhere } from '../../mysql/lock.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import type { WorkerLock } from '../ports.ts'
import { type JournalPlace, mostWorkers, nameWorkerLock } from './journal-tables.ts'
import { findPrepared, findServerLocks, nameTheirPrepared } from './server-locks.ts'

/** Reports whether a process of this host lives; given by cli. */
export type IsAlive = (host: string, processId: number) => boolean | null

const processColumns = 'ID,USER,HOST,TIME,STATE,INFO'

function optional(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined || cell === '' ? null : String(cell)
}

/** A row of `processColumns`. */
function toHolder(row: Row, orphaned = false): Holder {
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

/**
 * True when the run behind a connection is known to be dead: the journal names its host and process, the host is
 * ours and the process is gone. A run of another host can't be judged, and counts as alive.
 */
async function isOrphaned(
  connection: Connection,
  schema: string | null,
  connectionId: number,
  isAlive: IsAlive,
  journal: JournalPlace['table'],
): Promise<boolean> {
  const table = schema === null ? journal : `\`${schema.replaceAll('`', '``')}\`.${journal}`
  try {
    // Asked again and again while waiting: each time in a transaction of its own, or the answer would stay the same.
    const [, found] = await connection.askAll(
      `ROLLBACK;SELECT runner FROM ${table} WHERE connection_id=${connectionId} AND state IN ('open','entered') ORDER BY opened_at DESC LIMIT 1;COMMIT`,
    )
    const match = /^(.*):(\d+)$/.exec(String(found?.rows[0]?.[0] ?? ''))
    return match?.[1] !== undefined && isAlive(match[1], Number(match[2])) === false
  } catch (error) {
    if (isServerError(error) && !error.fatal) return false
    throw error
  }
}

/** Who holds the named lock, or null when it is free. Without PROCESS only the id is known of other users' connections. */
export async function readHolder(
  connection: Connection,
  lockName: string,
  schema: string | null,
  isAlive: IsAlive,
  journal: JournalPlace['table'] = 'wwdb_journal',
): Promise<Holder | null> {
  const { rows } = await connection.ask(`SELECT IS_USED_LOCK('${lockName}')`)
  const holder = rows[0]?.[0]
  if (holder === null || holder === undefined) return null
  const connectionId = Number(holder)
  const found = await connection.ask(
    `SELECT ${processColumns} FROM information_schema.PROCESSLIST WHERE ID=${connectionId}`,
  )
  const row = found.rows[0]
  const orphaned = await isOrphaned(connection, schema, connectionId, isAlive, journal)
  if (row === undefined)
    return { connectionId, user: null, host: null, seconds: null, state: null, statement: null, orphaned }
  return toHolder(row, orphaned)
}

/** Numbers of the workers in a schema whose locks are held: one question, however many there may be. */
export async function findWorkers(connection: Connection, schema: string): Promise<readonly number[]> {
  const workers = Array.from({ length: mostWorkers }, (_, worker) => worker)
  const used = workers.map((worker) => `IS_USED_LOCK('${nameWorkerLock(schema, worker)}')`)
  const { rows } = await connection.ask(`SELECT ${used.join(',')}`)
  return workers.filter((worker) => rows[0]?.[worker] !== null)
}

/** Workers of fan-outs that are connected, whether or not their run still is. */
export async function readWorkers(
  connection: Connection,
  schema: string,
  isAlive: IsAlive,
): Promise<readonly WorkerLock[]> {
  const held: WorkerLock[] = []
  for (const worker of await findWorkers(connection, schema)) {
    const name = nameWorkerLock(schema, worker)
    const holder = await readHolder(connection, name, schema, isAlive, 'wwdb_shard_journal')
    if (holder !== null) held.push({ worker, ...holder })
  }
  return held
}

const columns = processColumns
  .split(',')
  .map((name) => `p.${name}`)
  .join(',')

/** Who holds a metadata lock that our statement waits for (performance_schema, metadata_locks table). */
const byMetadataLock = (id: number): string => `SELECT DISTINCT ${columns}
FROM performance_schema.metadata_locks w
JOIN performance_schema.threads wt ON wt.THREAD_ID=w.OWNER_THREAD_ID AND wt.PROCESSLIST_ID=${id}
JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE=w.OBJECT_TYPE AND g.OBJECT_SCHEMA<=>w.OBJECT_SCHEMA
 AND g.OBJECT_NAME<=>w.OBJECT_NAME AND g.LOCK_STATUS='GRANTED' AND g.OWNER_THREAD_ID<>w.OWNER_THREAD_ID
JOIN performance_schema.threads gt ON gt.THREAD_ID=g.OWNER_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID=gt.PROCESSLIST_ID
WHERE w.LOCK_STATUS='PENDING' AND w.OBJECT_TYPE IN ('TABLE','SCHEMA')`

/** Who holds a row lock that our statement waits for (performance_schema, data_lock_waits table). */
const byRowLock = (id: number): string => `SELECT DISTINCT ${columns}
FROM performance_schema.data_lock_waits w
JOIN performance_schema.threads wt ON wt.THREAD_ID=w.REQUESTING_THREAD_ID AND wt.PROCESSLIST_ID=${id}
JOIN performance_schema.threads bt ON bt.THREAD_ID=w.BLOCKING_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID=bt.PROCESSLIST_ID`

/**
 * Without performance_schema the server does not report who blocks whom: the oldest open transactions are the likely ones. With it they are not
 * asked for, unless we may not read it: a statement that is only slow has no blockers.
 */
const byTransactionAge = (id: number, refused: boolean): string => `SELECT ${columns}
FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID=t.trx_mysql_thread_id
WHERE p.ID<>${id} AND p.ID<>CONNECTION_ID()${refused ? '' : ' AND @@GLOBAL.performance_schema=0'} ORDER BY t.trx_started LIMIT 3`

/**
 * Names the connections that make connection `id` wait, those of this run apart. An empty list means that no other connection is to be seen: nothing
 * blocks, only another statement of this run does, or we may not look.
 */
export async function findBlockers(connection: Connection, id: number): Promise<readonly Holder[]> {
  let refused = false
  for (const query of [byMetadataLock, byRowLock, byTransactionAge]) {
    try {
      const { rows } = await connection.ask(query(id, refused))
      const holders = rows.map((row) => toHolder(row))
      const others = holders.filter(({ connectionId }) => !connection.isOwn(connectionId))
      if (holders.length > 0) {
        const named = await nameTheirPrepared(connection, others)
        return [...named, ...(await findPrepared(connection, id)), ...(await findServerLocks(connection, id))]
      }
    } catch (error) {
      if (!isServerError(error) || error.fatal) throw error
      refused = true
    }
  }
  return [...(await findPrepared(connection, id)), ...(await findServerLocks(connection, id))]
}

interface ProvenLockRequest {
  /** The lock's name. */
  readonly name: string
  readonly target: Target
  /** The server's number of the connection that takes it. */
  readonly connectionId: number
  readonly milliseconds: number
  readonly waiting: (holder: Holder | null, waited: number) => void
  readonly isAlive: IsAlive
  /** Whose rows show whether the run behind a holder is dead. */
  readonly journal: JournalPlace['table']
}

/** Takes a lock and proves that it is real. Throws ToolError `LOCK_HELD` (75) or `LOCK_UNRELIABLE`, with the lock given back. */
export async function acquireProvenLock(
  connection: Connection,
  monitor: MonitorConnection,
  request: ProvenLockRequest,
): Promise<void> {
  const { name, target, connectionId, isAlive } = request
  const describeHolder = () => readHolder(connection, name, null, isAlive, request.journal)
  await acquireLock(connection, { ...request, describeHolder })
  const other = await monitor.open().catch(async (error: unknown) => {
    await releaseAnywhere(connection, connection, name)
    throw error
  })
  await proveLock(connection, other, name, target, connectionId).catch(async (error: unknown) => {
    await releaseAnywhere(connection, other, name)
    throw error
  })
}
