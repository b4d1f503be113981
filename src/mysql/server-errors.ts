/** MySQL's error numbers that we act on (server error message reference of the manual). */
export const serverErrors = {
  accessDenied: 1045,
  databaseAccessDenied: 1044,
  unknownDatabase: 1049,
  unknownColumn: 1054,
  syntax: 1064,
  unknownTable: 1146,
  packetTooLarge: 1153,
  lockWaitTimeout: 1205,
  deadlock: 1213,
  queryInterrupted: 1317,
  serverShutdown: 1053,
  readOnly: 1290,
  readOnlyTransaction: 1792,
  invalidJson: 3141,
  unknownThread: 1094,
  duplicateKeyName: 1061,
  groupNotReady: 3100,
} as const

/** The part of a mysql2 error that we read. */
export interface ServerError extends Error {
  readonly errno: number
  readonly code: string | undefined
  readonly sqlState: string | undefined
  readonly fatal: boolean
}

/**
 * True for what mysql2 throws: an error of the server or of the connection to it. Its complaint about a command on a
 * connection that is closed already has no code, and is only fatal.
 */
export function isServerError(error: unknown): error is ServerError {
  if (!(error instanceof Error)) return false
  if ('fatal' in error && error.fatal === true) return true
  return 'code' in error && typeof error.code === 'string' && ('errno' in error || 'fatal' in error)
}

export function hasNumber(error: unknown, ...numbers: readonly number[]): boolean {
  return isServerError(error) && numbers.includes(error.errno)
}

/**
 * True when the connection is gone, so that nobody can say whether the statement under way ran.
 * 1053 (shutdown), 1927 and 3169 (session killed) arrive as packets just before the server hangs up.
 */
export function isConnectionLost(error: unknown): boolean {
  if (!isServerError(error)) return false
  if (error.fatal) return true
  if (hasNumber(error, serverErrors.serverShutdown, 1927, 3169, 4031)) return true
  return [
    'PROTOCOL_CONNECTION_LOST',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  ].includes(error.code ?? '')
}
