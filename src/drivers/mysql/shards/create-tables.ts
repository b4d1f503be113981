import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import type { Target } from '../../../domain/target.ts'
import type { StopRequest } from '../../../engine/ports.ts'
import type { CreateOutcome, TableToCreate } from '../../../engine/shards/ports.ts'
import { type Connection, connect } from '../connection.ts'
import type { HeldLock } from '../journal-place.ts'
import { pinOnlooker } from '../pinned-session.ts'
import { hasNumber, isConnectionLost, isServerError, serverErrors } from '../server-errors.ts'
import { lockLost } from '../session-errors.ts'
import { CreationQueue } from './creation-queue.ts'
import { fence } from './fence.ts'

export interface Creation {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  readonly target: Target
  /** The target's lock: nothing is made once it is lost. */
  readonly lock: HeldLock
  /** Says whether the lock is still held. */
  readonly holdsLock: () => Promise<boolean>
  readonly stop: StopRequest
  readonly told: (outcome: CreateOutcome) => void
}

/** What a table's making may be tried again after: a lock on a parent that others have. */
const attempts = 3
const tableExists = 1050

/** Makes the tables over at most so many connections at once. */
export async function createTables(
  creation: Creation,
  tables: readonly TableToCreate[],
  connections: number,
): Promise<readonly CreateOutcome[]> {
  const queue = new CreationQueue(tables)
  const outcomes: CreateOutcome[] = []
  const told = (outcome: CreateOutcome): void => {
    outcomes.push(outcome)
    creation.told(outcome)
  }
  const count = Math.max(1, Math.min(connections, tables.length))
  const ends = await Promise.allSettled(Array.from({ length: count }, () => work(creation, queue, told)))
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return outcomes
}

async function work(creation: Creation, queue: CreationQueue, told: Creation['told']): Promise<void> {
  const { database, timeouts } = creation
  let connection: Connection | null = null
  try {
    connection = await connect(database.server, database.schema, timeouts.connect)
    await connection.askAll(pinOnlooker(timeouts.lockWait))
    for (;;) {
      const table = await queue.next()
      if (table === null) return
      if (creation.stop.requested) return queue.abandon()
      for (const outcome of queue.finish(await createOne(creation, connection, table))) told(outcome)
    }
  } catch (error) {
    queue.abandon()
    throw error
  } finally {
    await connection?.close()
  }
}

async function createOne(creation: Creation, connection: Connection, table: TableToCreate): Promise<CreateOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { table: table.table, type: await send(creation, connection, table.text) }
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      if (hasNumber(error, serverErrors.readOnly, serverErrors.readOnlyTransaction)) throw error
      if (hasNumber(error, serverErrors.invalidJson) && !(await creation.holdsLock()))
        throw lockLost(creation.target, error)
      if (attempt < attempts && hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)) continue
      return { table: table.table, type: 'failed', why: error.message }
    }
  }
}

/** The fence, the statement and what it noted in one packet: that the table was there is a note to CREATE TABLE IF NOT EXISTS. */
async function send({ lock }: Creation, connection: Connection, text: string): Promise<'created' | 'exists'> {
  const { rows } = await connection.ask(`SELECT ${fence(lock)};${text}\n;SHOW WARNINGS`)
  return rows.some((row) => Number(row[1]) === tableExists) ? 'exists' : 'created'
}
