import type { DatabaseConfig } from '../../config/config.ts'
import { killUntil } from '../../core/kill-until.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { hasNumber, isConnectionLost, isServerError, lockLost, serverErrors } from '../../mysql/errors.ts'
import { pinMonitor } from '../../mysql/pinned-session.ts'
import type { CreateOutcome, TableToCreate } from '../ports.ts'

export interface Creation {
  readonly database: DatabaseConfig
  /** The connection beside which they are created. */
  readonly connection: MysqlConnection
  readonly target: Target
  /** The target's lock: nothing is created once it is lost. */
  readonly lock: HeldLock
  /** Returns whether the lock is still held. */
  readonly holdsLock: () => Promise<boolean>
  /** Kills the current statement on a connection, by the server's number. */
  readonly kill: (connectionId: number) => Promise<void>
  readonly stop: StopRequest
  readonly report: (outcome: CreateOutcome) => void
}

/** How often a table is tried whose parent others have locked. */
const attempts = 3
const tableExists = 1050

/**
 * Creates the tables over at most `connections` connections in parallel; over fewer where the server accepts no more. A lost
 * server or lock ends it; a refused table does not.
 */
export async function createTables(
  creation: Creation,
  tables: readonly TableToCreate[],
  connections: number,
): Promise<readonly CreateOutcome[]> {
  if (tables.length === 0) return []
  const outcomes: CreateOutcome[] = []
  const queue = new CreationQueue(tables)
  const report = (outcome: CreateOutcome): void => {
    outcomes.push(outcome)
    creation.report(outcome)
  }
  const opened = await openWorkers(creation, Math.min(connections, tables.length))
  const works = opened.map((connection) => ({ connection, end: work(creation, connection, queue, report) }))
  const forget = creation.stop.onKill(() => {
    queue.abandon()
    for (const { connection, end } of works) void killUntil(end, () => creation.kill(connection.raw.threadId))
  })
  try {
    const ends = await Promise.allSettled(works.map(({ end }) => end))
    const failure = ends.find((end) => end.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    return outcomes
  } finally {
    forget()
    await Promise.all(opened.map((connection) => connection.close()))
  }
}

/** Throws the error of the first connection only where none could be opened. */
async function openWorkers({ database, connection }: Creation, count: number): Promise<readonly Connection[]> {
  const { place, facts, beside } = connection
  const pins = pinMonitor(place.timeouts.lockWait, database.session, facts.morePins)
  const open = (): Promise<Connection> => beside({ pin: (opened) => opened.ask(pins) })
  const ends = await Promise.allSettled(Array.from({ length: Math.max(1, count) }, open))
  const opened = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  const [first] = ends
  if (opened.length === 0 && first?.status === 'rejected') throw first.reason
  return opened
}

async function work(
  creation: Creation,
  connection: Connection,
  queue: CreationQueue,
  report: Creation['report'],
): Promise<void> {
  try {
    for (;;) {
      const table = await queue.next()
      if (table === null) return
      if (creation.stop.requested) return queue.abandon()
      for (const outcome of queue.finish(await createOne(creation, connection, table))) report(outcome)
    }
  } catch (error) {
    queue.abandon()
    throw error
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
      const mayHelp = hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)
      if (mayHelp && attempt < attempts && !creation.stop.requested) continue
      return { table: table.table, type: 'failed', why: error.message, cause: error }
    }
  }
}

/** The fence, the statement and its notes in one packet: to CREATE TABLE IF NOT EXISTS, an existing table is a note. */
async function send({ lock }: Creation, connection: Connection, text: string): Promise<'created' | 'exists'> {
  const answers = await connection.askAll(`SELECT ${fence(lock)};${text}\n;SHOW WARNINGS`)
  const rows = answers.at(-1)?.rows ?? []
  return rows.some((row) => Number(row[1]) === tableExists) ? 'exists' : 'created'
}

interface Waiting {
  readonly table: TableToCreate
  /** Parents that are not created yet. */
  left: number
}

/** Hands out tables to several workers, so that each comes after those that it references. */
export class CreationQueue {
  readonly #ready: TableToCreate[] = []
  readonly #waiting = new Map<string, Waiting>()
  readonly #children = new Map<string, TableToCreate[]>()
  #idle: (() => void)[] = []
  #given = 0
  #running = 0
  #abandoned = false

  constructor(tables: readonly TableToCreate[]) {
    const names = new Set(tables.map((table) => table.table))
    for (const table of tables) {
      const parents = new Set(table.after.filter((name) => names.has(name) && name !== table.table))
      for (const parent of parents) {
        const children = this.#children.get(parent)
        if (children === undefined) this.#children.set(parent, [table])
        else children.push(table)
      }
      if (parents.size === 0) this.#ready.push(table)
      else this.#waiting.set(table.table, { table, left: parents.size })
    }
  }

  /** The next table whose parents exist; null when there will be no more. */
  async next(): Promise<TableToCreate | null> {
    for (;;) {
      const table = this.#abandoned ? null : this.#choose()
      if (table !== undefined) return table
      await new Promise<void>((resolve) => this.#idle.push(resolve))
    }
  }

  /** Marks a failed table, and the tables that cannot be created because of it. */
  finish(outcome: CreateOutcome): readonly CreateOutcome[] {
    this.#running -= 1
    const ended = [outcome, ...this.#release(outcome)]
    this.#wake()
    return ended
  }

  /** Ends the handing out of tables. */
  abandon(): void {
    this.#abandoned = true
    this.#wake()
  }

  /** Undefined where a table has to wait for others. Tables that wait for one another in a circle are left for the server to refuse. */
  #choose(): TableToCreate | null | undefined {
    const table = this.#ready[this.#given]
    if (table !== undefined) {
      this.#given += 1
      this.#running += 1
      return table
    }
    if (this.#waiting.size === 0) return null
    if (this.#running > 0) return undefined
    for (const { table: stuck } of this.#waiting.values()) this.#ready.push(stuck)
    this.#waiting.clear()
    return this.#choose()
  }

  #release(parent: CreateOutcome): readonly CreateOutcome[] {
    return (this.#children.get(parent.table) ?? []).flatMap((child) => {
      const waiting = this.#waiting.get(child.table)
      if (waiting === undefined) return []
      waiting.left -= 1
      if (parent.type !== 'failed') {
        if (waiting.left === 0) this.#makeReady(child)
        return []
      }
      this.#waiting.delete(child.table)
      const why = `it refers to \`${parent.table}\`, which could not be created`
      const outcome: CreateOutcome = { table: child.table, type: 'failed', why }
      return [outcome, ...this.#release(outcome)]
    })
  }

  #makeReady(table: TableToCreate): void {
    this.#waiting.delete(table.table)
    this.#ready.push(table)
  }

  #wake(): void {
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}
