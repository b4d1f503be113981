import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import { type Connection, connect } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import type { ResetOutcome, ResetRequest, Resetter } from '../ports.ts'
import { type BaselineTable, readBaseline } from './baseline.ts'
import { findChanges } from './find-changes.ts'
import { loadingSession } from './loading-session.ts'
import { restoreTable } from './restore-table.ts'

/** One for the rows, two for definitions; then each restores tables. */
const connectionCount = 3
/** A definition that deadlocked with another one has done nothing. */
const attempts = 5

type Connections = readonly [Connection, ...Connection[]]

/** Opens a set to be taken back to its seeded state again and again. */
export async function openResetter(
  database: DatabaseConfig,
  timeouts: Timeouts,
  request: ResetRequest,
): Promise<Resetter> {
  const target: Target = { database: database.name, schema: database.schema, server: database.server.label }
  const open = async (): Promise<Connection> => {
    const connection = await connect(database.server, null, timeouts.connect)
    await connection.ask(loadingSession(Math.max(1, Math.round(timeouts.lockWait / 1000))))
    return connection
  }
  const connections: Connections = [
    await open(),
    ...(await Promise.all(Array.from({ length: connectionCount - 1 }, open))),
  ]
  const close = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()))
  }
  try {
    const tables = await translatingErrors(target, () => readBaseline(connections[0], request))
    return { reset: () => translatingErrors(target, () => reset(connections, tables, request, target)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function reset(
  connections: Connections,
  tables: readonly BaselineTable[],
  request: ResetRequest,
  target: Target,
): Promise<ResetOutcome> {
  const { recipe, from, to } = request
  const rename = (text: string): string => text.replaceAll(from, to)
  const views = new Set(
    recipe.programs.filter(({ kind }) => kind === 'view').map(({ schema, name }) => `${rename(schema)}.${name}`),
  )
  const schemas = recipe.schemas.map(({ schema }) => rename(schema))
  const { changed, added } = await findChanges(connections, tables, views, schemas)
  const work = [
    ...added.map(({ schema, name, isView }) => ({
      name: `${schema}.${name}`,
      run: (connection: Connection) =>
        connection.ask(`DROP ${isView ? 'VIEW' : 'TABLE'} IF EXISTS ${quoteQualified(schema, name)}`),
    })),
    ...changed.map((table) => ({
      name: `${table.baseline.schema}.${table.baseline.table}`,
      run: (connection: Connection) => restoreTable(connection, table, request),
    })),
  ]
  let next = 0
  const ends = await Promise.allSettled(
    connections.map(async (connection) => {
      for (let one = work[next]; one !== undefined; one = work[next]) {
        next += 1
        const { name, run } = one
        await persist(connection, () => run(connection), name, target)
      }
    }),
  )
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  const nameOf = (schema: string, table: string): string => `${schema}.${table}`
  return {
    restored: changed.map(({ baseline }) => nameOf(baseline.schema, baseline.table)),
    dropped: added.map(({ schema, name }) => nameOf(schema, name)),
  }
}

async function persist(
  connection: Connection,
  run: () => Promise<unknown>,
  table: string,
  target: Target,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run()
      return
    } catch (error) {
      // What a packet had done before its error must not keep its locks.
      await connection.ask('ROLLBACK').catch(() => undefined)
      if (hasNumber(error, serverErrors.deadlock) && attempt < attempts) continue
      if (!hasNumber(error, serverErrors.lockWaitTimeout)) throw error
      const fault = {
        what: `${table} could not be taken back: a transaction that reads or writes it is still open`,
        where: { server: target.server },
        next: 'End every transaction of the program under test before the reset, or close its connections.',
      }
      throw new ToolError('SET_IN_USE', fault, { cause: error })
    }
  }
}
