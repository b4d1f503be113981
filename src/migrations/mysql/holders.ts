import type { Holder } from '../../core/event.ts'
import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import { isServerError } from '../../mysql/server-errors.ts'
import type { WorkerLock } from '../lock-status.ts'
import { type JournalPlace, mostWorkers, nameWorkerLock } from './journal-place.ts'

/** Tells whether a process of this host lives; given by cli. */
export type IsAlive = (host: string, processId: number) => boolean | null

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
