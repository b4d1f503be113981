import type { ThrottleConfig, ThrottleQuery } from '../../config/throttle-config.ts'
import type { Asker, Connection } from '../../mysql/connection.ts'
import { readDisk } from '../../mysql/data-disk.ts'
import { readMembers } from '../../mysql/group-members.ts'
import type { Measure, Reading } from '../reading.ts'

type Value = Pick<Reading, 'value' | 'why'>

/** One query to the server that is written to, and the reading of its answer. */
export interface Question {
  readonly measure: Measure
  readonly of: string
  readonly bound: number | null
  readonly read: (connection: Connection) => Promise<Value>
}

const known = (value: number): Value => ({ value, why: null })
const unknown = (why: string): Value => ({ value: null, why })

async function readNumber(connection: Asker, text: string): Promise<number | null> {
  const { rows } = await connection.ask(text)
  const cell = rows[0]?.[0]
  return cell === null || cell === undefined ? null : Number(cell)
}

async function readStatus(connection: Asker, ...names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const list = names.map((name) => `'${name}'`).join(',')
  const { rows } = await connection.ask(
    `SELECT VARIABLE_NAME,VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME IN (${list})`,
  )
  return new Map(rows.map(([name, value]) => [String(name).toLowerCase(), Number(value)]))
}

/**
 * The queries for limited values.
 * @param label the server's name in messages
 * @param unbounded true to also read values without a bound
 */
export function questionsOf(throttle: ThrottleConfig, label: string, unbounded: boolean): readonly Question[] {
  const { threadsRunning, historyLength, checkpointAge, undo, freeDisk } = throttle
  const one = (measure: Measure, bound: number | null, read: Question['read']): readonly Question[] =>
    bound === null && !unbounded ? [] : [{ measure, of: label, bound, read }]
  return [
    ...one('threads-running', threadsRunning, readThreads),
    ...one('history-length', historyLength, readHistory),
    ...one('checkpoint-age', checkpointAge, readCheckpointAge),
    ...one('undo', undo, readUndo),
    ...one('free-disk', freeDisk, readFreeDisk),
    ...throttle.queries.map(
      (query): Question => ({
        measure: 'query',
        of: query.name,
        bound: query.most,
        read: (connection) => readQuery(connection, query),
      }),
    ),
  ]
}

async function readThreads(connection: Asker): Promise<Value> {
  const value = (await readStatus(connection, 'Threads_running')).get('threads_running')
  return value === undefined ? unknown('the server does not show `Threads_running`') : known(value)
}

/** Needs PROCESS. */
async function readHistory(connection: Asker): Promise<Value> {
  const value = await readNumber(
    connection,
    "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME='trx_rseg_history_len' AND STATUS='enabled'",
  )
  return value === null ? unknown('the counter `trx_rseg_history_len` is disabled') : known(value)
}

/** The part of the redo log that a crash would have to read, in percent of its capacity. Before 8.0.30 only the text of the monitor shows it, with PROCESS. */
async function readCheckpointAge(connection: Asker): Promise<Value> {
  const [current, checkpoint, capacity] = [
    'innodb_redo_log_current_lsn',
    'innodb_redo_log_checkpoint_lsn',
    'innodb_redo_log_capacity_resized',
  ]
  const status = await readStatus(connection, current, checkpoint, capacity)
  const [written, done, size] = [status.get(current), status.get(checkpoint), status.get(capacity)]
  if (written !== undefined && done !== undefined && size !== undefined && size > 0)
    return known(((written - done) / size) * 100)
  const { rows } = await connection.ask('SHOW ENGINE INNODB STATUS')
  const text = String(rows[0]?.[2] ?? '')
  const [, sequence] = /^Log sequence number\s+(\d+)/m.exec(text) ?? []
  const [, last] = /^Last checkpoint at\s+(\d+)/m.exec(text) ?? []
  const files = await readNumber(connection, 'SELECT @@innodb_log_file_size*@@innodb_log_files_in_group')
  if (sequence === undefined || last === undefined || files === null || files <= 0)
    return unknown('the server does not show its last checkpoint')
  return known(((Number(sequence) - Number(last)) / files) * 100)
}

/** Needs PROCESS: without it the view is empty. */
async function readUndo(connection: Asker): Promise<Value> {
  const value = await readNumber(
    connection,
    "SELECT SUM(TOTAL_EXTENTS*EXTENT_SIZE) FROM information_schema.FILES WHERE FILE_TYPE='UNDO LOG'",
  )
  return value === null
    ? unknown('the account cannot see the undo tablespaces without the privilege PROCESS')
    : known(value)
}

async function readFreeDisk(connection: Asker): Promise<Value> {
  const { rows } = await connection.ask('SELECT @@datadir,@@server_uuid')
  const [folder, uuid] = rows[0] ?? []
  const disk = await readDisk(String(folder), String(uuid))
  return disk === null ? unknown('its data directory is not on this machine') : known(disk.free)
}

/** Milliseconds that a query may take. */
const longestQuery = 800

/** In a read-only transaction of the server: otherwise a function in it could write. */
async function readQuery(connection: Connection, { sql }: ThrottleQuery): Promise<Value> {
  await connection.ask(`SET SESSION max_execution_time=${longestQuery}`)
  await connection.ask('START TRANSACTION READ ONLY')
  try {
    const answers = await connection.run(sql)
    const cell = answers[0]?.rows[0]?.[0]
    const value = cell === null || cell === undefined ? Number.NaN : Number(cell)
    return Number.isFinite(value) ? known(value) : unknown('its answer is not a number')
  } finally {
    await connection.ask('ROLLBACK').catch(() => undefined)
  }
}

/** The queue of each member of the server's group; a member that is not online has none to compare. */
export async function readGroupQueues(connection: Asker, bound: number | null): Promise<readonly Reading[]> {
  const members = await readMembers(connection)
  return members.map(({ address, state, queue }): Reading => {
    const value = state === 'ONLINE' ? known(queue) : unknown(`its state is ${state}`)
    return { measure: 'group-queue', of: address, bound, ...value }
  })
}
