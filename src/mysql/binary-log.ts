import { scratchLockOf } from '../core/scratch-name.ts'
import { isConnectionLost, isServerError } from './errors.ts'

/**
 * Keeps a session's statements out of the binary log where its user has that privilege: for scratch schemas, which replicas must not get. Every session that
 * writes to a scratch schema must do so, or none: a replica stops when it receives a table of a schema that it does not have. Returns whether the user has the
 * privilege. Must not be called inside a transaction.
 */
export async function leaveBinaryLog(connection: {
  readonly ask: (text: string) => Promise<unknown>
}): Promise<boolean> {
  try {
    await connection.ask('SET SESSION sql_log_bin=0')
    return true
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return false
  }
}

/** True where what the session commits is in the binary log, and so on replicas. */
export async function isLogged(connection: {
  readonly ask: (text: string) => Promise<{ readonly rows: readonly (readonly unknown[])[] }>
}): Promise<boolean> {
  const { rows } = await connection.ask('SELECT @@GLOBAL.log_bin,@@SESSION.sql_log_bin')
  return rows[0]?.every((value) => Number(value) !== 0) ?? true
}

/** The connection itself; its statements stay out of the binary log where its schema is a scratch schema. */
export async function leaveForScratch<Opened extends Parameters<typeof leaveBinaryLog>[0]>(
  connection: Opened,
  schema: string | null,
): Promise<Opened> {
  if (schema !== null && scratchLockOf(schema) !== null) await leaveBinaryLog(connection)
  return connection
}
