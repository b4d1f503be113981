import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import { type Connection, connect } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { proveSession } from '../../mysql/lock.ts'
import { pinMonitor } from '../../mysql/pinned-session.ts'
import { dropAbandoned, nameScratch } from '../../mysql/scratch-area.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { TableToCreate } from '../ports.ts'

/** Whose tables are tried; `connection` is the one beside which it is done. */
export interface ScratchPlace {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  readonly target: Target
  readonly connection: Connection
}

/**
 * Makes a table, and before it the siblings that it refers to, in a scratch schema with the character set of the target's
 * own, lets `look` see it there, and drops the schema again. While it is there its name is locked, so that later runs
 * recognize what a killed one left. Foreign keys are not checked: a shared parent need not exist yet.
 * All of it on a connection of its own, whose session and schema the trial changes.
 * Throws ToolError `SCRATCH_DENIED`, `TEMPLATE_REFUSED`, `LOCK_UNRELIABLE`.
 */
export async function inScratchSchema<T>(
  { database, timeouts, target, connection: beside }: ScratchPlace,
  tables: readonly TableToCreate[],
  look: (connection: Connection, schema: string) => Promise<T>,
): Promise<T> {
  const connection = await connect(database.server, database.schema, timeouts.connect)
  try {
    return await translatingErrors(target, async () => {
      await connection.ask(pinMonitor(timeouts.lockWait, database.session))
      await proveSession(connection, beside, target)
      return tryTables(connection, target, tables, look)
    })
  } finally {
    await connection.close()
  }
}

async function tryTables<T>(
  connection: Connection,
  target: Target,
  tables: readonly TableToCreate[],
  look: (connection: Connection, schema: string) => Promise<T>,
): Promise<T> {
  const schema = nameScratch()
  await connection.ask(`SELECT GET_LOCK(${quoteString(schema)},0)`)
  try {
    await openScratch(connection, target, schema)
    for (const table of tables) await createIn(connection, target, table)
    return await look(connection, schema)
  } finally {
    await closeScratch(connection, schema)
  }
}

async function openScratch(connection: Connection, target: Target, schema: string): Promise<void> {
  const { rows } = await connection.ask(
    `SELECT DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=${quoteString(target.schema)}`,
  )
  const [charset, collation] = rows[0] ?? ['utf8mb4', 'utf8mb4_0900_ai_ci']
  // Keeps the trial out of the binary log where this user may; elsewhere replicas make and drop it, too.
  await connection.ask('SET SESSION sql_log_bin=0').catch(refuseLost)
  await dropAbandoned(connection)
  try {
    await connection.ask(`CREATE SCHEMA ${quoteName(schema)} CHARACTER SET ${charset} COLLATE ${collation}`)
  } catch (error) {
    if (!hasNumber(error, 1044, 1227)) throw error
    throw scratchDenied(target, error)
  }
  await connection.ask(`USE ${quoteName(schema)}`)
  await connection.ask('SET SESSION foreign_key_checks=0')
}

async function createIn(connection: Connection, target: Target, { table, text }: TableToCreate): Promise<void> {
  try {
    await connection.run(text)
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    throw new ToolError(
      'TEMPLATE_REFUSED',
      {
        what: `MySQL refused to create '${table}' from its template (error ${error.errno})`,
        where: { database: target.database, server: target.server },
        why: error.message,
        next: 'Correct the template.',
      },
      { cause: error },
    )
  }
}

/** What stays behind after a failure is dropped by the next trial; the failure must not be hidden. */
async function closeScratch(connection: Connection, schema: string): Promise<void> {
  for (const text of [`DROP SCHEMA IF EXISTS ${quoteName(schema)}`, `SELECT RELEASE_LOCK(${quoteString(schema)})`])
    await connection.ask(text).catch(() => undefined)
}

function refuseLost(error: unknown): void {
  if (isConnectionLost(error)) throw error
}

function scratchDenied({ database, server }: Target, cause: unknown): ToolError {
  const fault = {
    what: 'A template cannot be tried: this user may not create a scratch schema',
    where: { database, server },
    why: cause instanceof Error ? cause.message : String(cause),
    next: 'GRANT ALL ON `wwdb\\_scratch\\_%`.* to the user.',
  }
  return new ToolError('SCRATCH_DENIED', fault, { cause })
}
