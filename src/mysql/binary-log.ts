import { scratchLockOf } from '../core/scratch-name.ts'
import { isConnectionLost, isServerError } from './errors.ts'

/**
 * Keeps what a session does out of the binary log, where its user may do that: for scratch schemas, which are no matter of replicas. Every session that writes to
 * one must do so, or none: a replica that is sent a table of a schema that it was not sent stops. Returns whether the user may. Not inside a transaction.
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

/** The connection itself, which leaves the binary log where its schema is a scratch schema. */
export async function leaveForScratch<Opened extends Parameters<typeof leaveBinaryLog>[0]>(
  connection: Opened,
  schema: string | null,
): Promise<Opened> {
  if (schema !== null && scratchLockOf(schema) !== null) await leaveBinaryLog(connection)
  return connection
}
