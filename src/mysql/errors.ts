import type { ServerConfig } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'

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

/** The server wants the password itself, on a connection that can be read on the way. */
export class PasswordWanted extends Error {}

/** A CALL whose mark is committed is not tried again. */
export function callEntered({ database, server }: Target): ToolError {
  return new ToolError('CALL_ENTERED', {
    what: 'A procedure may have committed on its own before it had to give up, so it is not called again',
    where: { database, server },
    why: 'what it had committed by then would be done twice',
    next: 'Look at what it did; the next run says how to go on.',
  })
}

/** The fence of a journal write found the lock gone. */
export function lockLost({ database, server, schema }: Target, cause: unknown): ToolError {
  const fault = {
    what: `The lock of '${schema}' was lost while the run was under way`,
    where: { database, server },
    why: 'somebody released it (RELEASE_ALL_LOCKS, a proxy that changed the connection); nothing was written after that',
    next: 'Look for what released it, then run again: the run goes on where it stopped.',
  }
  return new ToolError('LOCK_LOST', fault, { cause })
}

function unreachable(error: Error & { readonly code?: unknown }, server: ServerConfig): Fault {
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    ECONNREFUSED: ['nothing listens there', 'Start the server, or correct the host and port in the URL.'],
    ENOTFOUND: ['the name is not known', 'Correct the host in the URL.'],
    EAI_AGAIN: ['the name could not be looked up', 'Check the network, or use an address instead of a name.'],
    ETIMEDOUT: ['it did not answer in time', 'Check the network and firewall, or raise timeouts.connect.'],
    ENOENT: ['the socket does not exist', 'Start the server, or correct the socket in the URL.'],
    EACCES: ['the socket may not be opened', 'Run as a user who may open the socket, or connect over TCP.'],
    HANDSHAKE_NO_SSL_SUPPORT: [
      'it does not offer TLS',
      'Enable TLS on the server, or set `"tls": "preferred"` in the configuration to do without.',
    ],
    HANDSHAKE_SSL_ERROR: [
      `TLS failed: ${error.message}`,
      'Check tls.ca, tls.cert and tls.key; the host in the URL must be in the certificate.',
    ],
  }
  const [why, next] = reasons[String(error.code)] ?? [error.message, 'Check the URL and the server.']
  return { what: `Cannot connect to MySQL at ${server.label}`, where: { server: server.label }, why, next }
}

/** Why a server wants TLS that the connection does not have. */
function wantsTls(error: Error, server: ServerConfig): Fault | null {
  const where = { server: server.label }
  const setTls = 'Set `"tls": "required"` in the configuration (or WWDB_TLS=required)'
  if (hasNumber(error, 3159)) {
    const next = `${setTls}, or \`"tls": {"ca": "ca.pem"}\` to have the server proven, too.`
    return { what: `MySQL at ${server.label} takes no connection without TLS`, where, why: error.message, next }
  }
  if (!(error instanceof PasswordWanted)) return null
  return {
    what: `MySQL at ${server.label} wants the password itself, and the connection has no TLS`,
    where,
    why: 'whoever stands between could read it; the server has not seen this user since it was started, or since the password was changed',
    next:
      server.encryption === 'disabled'
        ? `${setTls}. Where the network is trusted, set "allowPublicKeyRetrieval": true instead.`
        : 'The server offers no TLS: enable it there. Where the network is trusted, set "allowPublicKeyRetrieval": true (or WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL=true) instead.',
  }
}

/** 1203: max_user_connections of the server or the account; 1226: another limit of the account; 1040: max_connections. */
function tooMany(error: Error, server: ServerConfig): Fault | null {
  const isUsers = hasNumber(error, 1203, 1226)
  if (!isUsers && !hasNumber(error, 1040)) return null
  const limit = isUsers ? 'max_user_connections' : 'max_connections'
  return {
    what: isUsers
      ? `MySQL at ${server.label} does not give '${server.user}' another connection`
      : `MySQL at ${server.label} has no connection left`,
    where: { server: server.label },
    why: error.message,
    next: isUsers
      ? `Raise ${limit} of the user: ALTER USER ... WITH MAX_USER_CONNECTIONS 0. A database needs two connections, and more for shards: docs/reference/configuration.md lists them.`
      : `Raise ${limit} of the server, or end connections that nobody uses.`,
  }
}

/** Says in a sentence why a connection failed. Never shows the password. */
export function translateConnectError(error: Error, server: ServerConfig, schema: string | null): ToolError {
  const where = { server: server.label }
  const refusal = wantsTls(error, server)
  if (refusal !== null) return new ToolError('TLS_NEEDED', refusal, { cause: error })
  const crowded = tooMany(error, server)
  if (crowded !== null) return new ToolError('TOO_MANY_CONNECTIONS', crowded, { cause: error })
  if (hasNumber(error, serverErrors.accessDenied, 1130, 1698, 3118)) {
    const withPassword = server.password === null ? 'without a password' : 'with the password given'
    const fault = {
      what: `MySQL at ${server.label} does not let '${server.user}' in ${withPassword}`,
      where,
      why: error.message,
      next: 'Correct the user and password in the URL (or the variables it is made from), or grant the user access.',
    }
    return new ToolError('ACCESS_DENIED', fault, { cause: error })
  }
  if (schema !== null && hasNumber(error, serverErrors.unknownDatabase)) {
    const fault = {
      what: `Schema '${schema}' does not exist`,
      where,
      next: 'Run `wwdb db create`, or correct the schema or prefix in the configuration.',
    }
    return new ToolError('SCHEMA_MISSING', fault, { cause: error })
  }
  if (schema !== null && hasNumber(error, serverErrors.databaseAccessDenied)) {
    const fault = {
      what: `'${server.user}' may not use schema '${schema}'`,
      where,
      why: error.message,
      next: `Grant the user what the command needs there: SELECT ON \`${schema}\`.* to read its journal, and for more what docs/reference/configuration.md lists under Privileges.`,
    }
    return new ToolError('ACCESS_DENIED', fault, { cause: error })
  }
  const fault =
    isServerError(error) || 'code' in error
      ? unreachable(error, server)
      : { what: `Cannot connect to MySQL at ${server.label}`, where, why: error.message }
  return new ToolError('UNREACHABLE', fault, { cause: error })
}
