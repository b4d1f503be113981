import type { ServerConfig } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { quoteGrantPlace } from '../sql/quote-name.ts'

/** The error numbers of MySQL that wwdb handles (manual, "Server Error Message Reference"). */
export const serverErrors = {
  accessDenied: 1045,
  databaseAccessDenied: 1044,
  tableAccessDenied: 1142,
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
  tableChanged: 1412,
  queryTimeout: 3024,
} as const

/** The part of a mysql2 error that wwdb reads. */
export interface ServerError extends Error {
  readonly errno: number
  readonly code: string | undefined
  readonly sqlState: string | undefined
  readonly fatal: boolean
}

/**
 * True for what mysql2 throws: an error of the server or of the connection to it. Its error for a command on a
 * closed connection has no code and is only marked as fatal.
 */
export function isServerError(error: unknown): error is ServerError {
  if (!(error instanceof Error)) return false
  if ('fatal' in error && error.fatal === true) return true
  return 'code' in error && typeof error.code === 'string' && ('errno' in error || 'fatal' in error)
}

/** The message of an error with a full stop. */
export function toSentence(message: string): string {
  return message.replace(/\.?$/, '.')
}

export function hasNumber(error: unknown, ...numbers: readonly number[]): boolean {
  return isServerError(error) && numbers.includes(error.errno)
}

/**
 * True when the connection is lost, so that it is unknown whether the current statement ran.
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

/** The server requests the clear-text password on a connection without TLS. */
export class PasswordWanted extends Error {}

/** An error of a login on a connection without TLS. */
export interface PlainLoginError extends Error {
  readonly withoutTls: true
}

function isPlainLogin(error: Error): error is PlainLoginError {
  return 'withoutTls' in error
}

/** The error for a CALL with a committed mark, which must not be repeated. */
export function callEntered({ database, server }: Target): ToolError {
  return new ToolError('CALL_ENTERED', {
    what: 'A procedure may have committed before it failed, so it is not called again.',
    where: { database, server },
    why: 'Its committed changes would be applied twice.',
    next: 'Check its changes; the next run shows how to continue.',
  })
}

/** The error for a journal write without the lock. */
export function lockLost({ database, server, schema }: Target, cause: unknown): ToolError {
  const fault = {
    what: `The lock of \`${schema}\` was lost during the run.`,
    where: { database, server },
    why: 'It was released, for example by `RELEASE_ALL_LOCKS` or a proxy that switched connections; nothing was written after that.',
    next: 'Find out what released it, then run the command again: it continues where it stopped.',
  }
  return new ToolError('LOCK_LOST', fault, { cause })
}

function unreachable(error: Error & { readonly code?: unknown }, server: ServerConfig): Fault {
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    ECONNREFUSED: [
      'Nothing is listening there.',
      server.isSandbox === true
        ? 'Start the sandbox, which uses this port: `wwdb sandbox up`; or correct the host and port in the URL.'
        : 'Start the server, or correct the host and port in the URL.',
    ],
    ENOTFOUND: ['The host name does not exist.', 'Correct the host in the URL.'],
    EAI_AGAIN: ['The host name could not be resolved.', 'Check the network, or use an address instead of a name.'],
    ETIMEDOUT: ['It did not answer in time.', 'Check the network and firewall, or increase `timeouts.connect`.'],
    ENOENT: ['The socket does not exist.', 'Start the server, or correct the socket in the URL.'],
    EACCES: ['Permission denied on the socket.', 'Run as a user with access to the socket, or connect over TCP.'],
    HANDSHAKE_NO_SSL_SUPPORT: [
      'It does not offer TLS.',
      'Enable TLS on the server, or set `"tls": "preferred"` in the configuration to allow connections without it.',
    ],
    HANDSHAKE_SSL_ERROR: [
      toSentence(`TLS failed: ${error.message}`),
      'Check `tls.ca`, `tls.cert` and `tls.key`; the certificate must contain the host of the URL.',
    ],
  }
  const [why, next] = reasons[String(error.code)] ?? [toSentence(error.message), 'Check the URL and the server.']
  return { what: `Cannot connect to MySQL at ${server.label}.`, where: { server: server.label }, why, next }
}

/** The fault of a server that requires TLS on a connection without it; null for other errors. */
function wantsTls(error: Error, server: ServerConfig): Fault | null {
  const where = { server: server.label }
  const setTls = 'Set `"tls": "required"` in the configuration (or `WWDB_TLS=required`)'
  if (hasNumber(error, 3159)) {
    const next = `${setTls}, or \`"tls": {"ca": "ca.pem"}\` to verify the server as well.`
    return {
      what: `MySQL at ${server.label} refuses connections without TLS.`,
      where,
      why: toSentence(error.message),
      next,
    }
  }
  if (!(error instanceof PasswordWanted)) return null
  return {
    what: `MySQL at ${server.label} requests the password in clear text, but the connection does not use TLS.`,
    where,
    why: 'It could be read on the network. The server caches a password at the first login after a restart or after a password change.',
    next:
      server.encryption === 'disabled'
        ? `${setTls}. If the network is trusted, set \`"allowPublicKeyRetrieval": true\` instead.`
        : 'The server offers no TLS: enable it there. If the network is trusted, set `"allowPublicKeyRetrieval": true` (or `WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL=true`) instead.',
  }
}

/** A server only says "access denied" to an account that requires TLS, or a certificate, and does not get it. */
function adviseTls(error: Error, { encryption, tls }: ServerConfig): readonly string[] {
  if (!hasNumber(error, serverErrors.accessDenied)) return []
  if (isPlainLogin(error)) {
    const refused = 'An account with REQUIRE SSL gets this error without TLS'
    return encryption === 'preferred'
      ? [`${refused}, which the server does not offer: enable it there.`]
      : [`${refused}: if the account has REQUIRE SSL, set \`"tls": "required"\` (or \`WWDB_TLS=required\`).`]
  }
  const hasCertificate = tls !== null && tls.cert !== null
  return hasCertificate
    ? []
    : ['An account with REQUIRE X509 gets this error without a certificate: set `tls.cert` and `tls.key`.']
}

/** 3118: the account is locked; 3955: by FAILED_LOGIN_ATTEMPTS. */
function adviseLogin(error: Error, server: ServerConfig): string {
  if (hasNumber(error, 3118, 3955))
    return 'Ask an administrator to unlock the account: `ALTER USER ... ACCOUNT UNLOCK`. If wrong passwords locked it, correct the password first.'
  const correct = 'Correct the user and password in the URL (or the variables in it), or grant the user access.'
  const isOwn = server.isSandbox === true && server.password === null
  const sandbox = isOwn ? ['If it is the sandbox, `eval "$(wwdb sandbox env)"` gives this shell its password.'] : []
  return [...sandbox, correct, ...adviseTls(error, server)].join(' ')
}

/** 1203: max_user_connections of the server or the account; 1226: another limit of the account; 1040: max_connections. */
function tooMany(error: Error, server: ServerConfig): Fault | null {
  const isUsers = hasNumber(error, 1203, 1226)
  if (!isUsers && !hasNumber(error, 1040)) return null
  const limit = isUsers ? 'max_user_connections' : 'max_connections'
  return {
    what: isUsers
      ? `MySQL at ${server.label} does not allow user \`${server.user}\` any more connections.`
      : `MySQL at ${server.label} has no free connection.`,
    where: { server: server.label },
    why: toSentence(error.message),
    next: isUsers
      ? `Increase \`${limit}\` of the user: \`ALTER USER ... WITH MAX_USER_CONNECTIONS 0\`. A database needs two connections, and more for shards: docs/reference/configuration.md lists them.`
      : `Increase \`${limit}\` of the server, or close unused connections.`,
  }
}

/**
 * The account that was refused, in the form of GRANT. The message for a refused schema names the account as the server
 * knows it.
 */
function accountIn({ message }: Error): string {
  return / for user ('.*'@'.*') to database /.exec(message)?.[1] ?? 'the user'
}

/** The error for a failed connection, with its reason. Never contains the password. */
export function translateConnectError(error: Error, server: ServerConfig, schema: string | null): ToolError {
  const where = { server: server.label }
  const refusal = wantsTls(error, server)
  if (refusal !== null) return new ToolError('TLS_NEEDED', refusal, { cause: error })
  const crowded = tooMany(error, server)
  if (crowded !== null) return new ToolError('TOO_MANY_CONNECTIONS', crowded, { cause: error })
  if (hasNumber(error, serverErrors.accessDenied, 1130, 1698, 3118, 3955)) {
    const withPassword = server.password === null ? 'without a password' : 'with the given password'
    const fault = {
      what: `MySQL at ${server.label} refused the login of user \`${server.user}\` ${withPassword}.`,
      where,
      why: toSentence(error.message),
      next: adviseLogin(error, server),
    }
    return new ToolError('ACCESS_DENIED', fault, { cause: error })
  }
  if (schema !== null && hasNumber(error, serverErrors.unknownDatabase)) {
    const fault = {
      what: `Schema \`${schema}\` does not exist.`,
      where,
      next: 'Run `wwdb db create`, or correct the schema or prefix in the configuration.',
    }
    return new ToolError('SCHEMA_MISSING', fault, { cause: error })
  }
  if (schema !== null && hasNumber(error, serverErrors.databaseAccessDenied)) {
    const fault = {
      what: `User \`${server.user}\` has no access to schema \`${schema}\`.`,
      where,
      why: toSentence(error.message),
      next: `Ask an administrator to grant what \`wwdb grants\` prints for the command; to read the journal, \`GRANT SELECT ON ${quoteGrantPlace(schema)} TO ${accountIn(error)};\`.`,
    }
    return new ToolError('ACCESS_DENIED', fault, { cause: error })
  }
  const fault =
    isServerError(error) || 'code' in error
      ? unreachable(error, server)
      : { what: `Cannot connect to MySQL at ${server.label}.`, where, why: toSentence(error.message) }
  return new ToolError('UNREACHABLE', fault, { cause: error })
}
