import type { Holder } from '../../core/holder.ts'
import type { Target } from '../../core/target.ts'
import type { Connection } from '../../mysql/connection.ts'
import { isServerError } from '../../mysql/errors.ts'
import { processColumns, toHolder } from '../../mysql/find-blockers.ts'
import { acquireLock, proveLock, releaseAnywhere } from '../../mysql/lock.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import type { WorkerLock } from '../ports.ts'
import { type JournalPlace, mostWorkers, nameWorkerLock } from './journal-tables.ts'

/** Reports whether a process of this host is alive; provided by cli. */
export type IsAlive = (host: string, processId: number) => boolean | null

/**
 * True when the run behind a connection is known to be dead: the journal names its host and process, the host is this
 * one and the process is gone. A run on another host can't be judged, and counts as alive.
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
    // Queried again and again while waiting: each time in its own transaction, or the answer would stay the same.
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

/** Who holds the named lock, or null when it is free. Without PROCESS, only the ID of other users' connections is known. */
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

/** Numbers of the workers in a schema whose locks are held: one query, however many there may be. */
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

interface ProvenLockRequest {
  /** The lock's name. */
  readonly name: string
  readonly target: Target
  /** The server's number of the connection that takes it. */
  readonly connectionId: number
  readonly milliseconds: number
  readonly waiting: (holder: Holder | null, waited: number) => void
  readonly isAlive: IsAlive
  /** The table whose rows show whether the run behind a holder is dead. */
  readonly journal: JournalPlace['table']
}

/** Takes a lock and proves that it is real. Throws ToolError `LOCK_HELD` (75) or `LOCK_UNRELIABLE`, with the lock released. */
export async function acquireProvenLock(
  connection: Connection,
  monitor: MonitorConnection,
  request: ProvenLockRequest,
): Promise<void> {
  const { name, isAlive } = request
  const describeHolder = () => readHolder(connection, name, null, isAlive, request.journal)
  await acquireLock(connection, { ...request, describeHolder })
  const other = await monitor.open().catch(async (error: unknown) => {
    await releaseAnywhere(connection, connection, name)
    throw error
  })
  await proveHeld(connection, other, request)
}

/** Proves that a lock which was taken is real. Throws ToolError `LOCK_UNRELIABLE`, with the lock released. */
export async function proveHeld(
  connection: Connection,
  other: Connection,
  { name, target, connectionId }: Pick<ProvenLockRequest, 'name' | 'target' | 'connectionId'>,
): Promise<void> {
  await proveLock(connection, other, name, target, connectionId).catch(async (error: unknown) => {
    await releaseAnywhere(connection, other, name)
    throw error
  })
}
