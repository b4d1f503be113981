import { ToolError } from '../../core/tool-error.ts'
import {
  accessDenied as credentialsDenied,
  type Place,
  readDenied,
  refused,
  unreachable,
  tooOld as versionTooOld,
} from '../server-errors.ts'

/** Numbers that MongoDB's servers answer with; their names are in its `error_codes.yml`. */
export const serverErrors = {
  userNotFound: 11,
  unauthorized: 13,
  authenticationFailed: 18,
  alreadyInitialized: 23,
  namespaceNotFound: 26,
  indexNotFound: 27,
  roleNotFound: 31,
  namespaceExists: 48,
  invalidReplicaSetConfig: 93,
  notYetInitialized: 94,
  incompatibleConfiguration: 103,
  configurationInProgress: 109,
  configurationNotCommitted: 308,
  duplicateKey: 11_000,
  roleExists: 51_002,
  userExists: 51_003,
  /** A lowering, or a raising, of the feature compatibility version stopped while the server cleaned up its metadata. */
  loweringHalfCleaned: 7_428_200,
  raisingHalfCleaned: 10_778_001,
} as const

/** The errors of a server that is no longer the primary, or is shutting down. */
const elsewhere: ReadonlySet<unknown> = new Set([91, 189, 10_107, 11_600, 11_602, 13_435, 13_436, 10_058])

/** The client library is loaded lazily, so its errors are recognized by the names of their classes, including parent classes. */
function isKind(error: unknown, ...names: readonly string[]): boolean {
  for (let one: unknown = error; one instanceof Error; one = Object.getPrototypeOf(one)) {
    if (names.includes(one.constructor.name)) return true
  }
  return false
}

function isServerError(error: unknown): error is Error & { readonly code?: unknown } {
  return isKind(error, 'MongoServerError')
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return isServerError(error) && codes.includes(Number(error.code))
}

/** True where the same command may succeed on another member, or in a moment. */
export function isElsewhere(error: unknown): boolean {
  return isServerError(error) ? elsewhere.has(error.code) : isLost(error)
}

/** True where no answer came: the server, or the connection to it, is gone. */
export function isLost(error: unknown): boolean {
  return isKind(error, 'MongoNetworkError', 'MongoServerSelectionError', 'MongoServerClosedError')
}

/** True where another configuration is being agreed on, or was since this one was read. */
export function isConfigurationRace(error: unknown): boolean {
  if (hasCode(error, serverErrors.configurationInProgress, serverErrors.configurationNotCommitted)) return true
  return (
    hasCode(error, serverErrors.incompatibleConfiguration) && /version .* must be greater than/i.test(messageOf(error))
  )
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  // The driver puts the server's own sentence after its kind.
  return message.replace(/^(?:MongoServerError|PlanExecutor error during aggregation :: caused by ::)\s*:?\s*/, '')
}

/**
 * Why MongoDB refused a request or was not reached, in a sentence. Other errors than the client library's or the network's are returned unchanged. @param kind with `read`, a user who may not even read counts as denied.
 */
export function explainError(
  error: unknown,
  server: string,
  user: string | null = null,
  kind: 'read' | 'write' = 'read',
): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if (isLost(error) || 'syscall' in error) return unreachable(place(server), error)
  if (!isKind(error, 'MongoError')) return error
  if (isKind(error, 'MongoCompatibilityError')) return tooOld(server, null, error)
  if (hasCode(error, serverErrors.authenticationFailed)) return accessDenied(server, error)
  if (!hasCode(error, serverErrors.unauthorized)) {
    const next = 'Fix the cause, and run the command again.'
    return refused(place(server), withoutSession(messageOf(error)), next, error)
  }
  if (user === null) return userMissing(server, error)
  const why = withoutSession(messageOf(error))
  if (kind === 'write') {
    const roles = '`root` for the replica set and its users, `dbAdmin` and `readWrite` for collections'
    return refused(place(server), why, `Give the user \`${user}\` the required role: ${roles}.`, error)
  }
  const next = `Give the user \`${user}\` the role \`root\`; to plan and verify, \`clusterMonitor\`, \`userAdminAnyDatabase\` and \`readAnyDatabase\` are enough.`
  return readDenied(place(server), why, next, error)
}

function place(server: string): Place {
  return { kind: 'mongodb', product: 'MongoDB', server }
}

/** @param version as far as it is known. */
export function tooOld(server: string, version: string | null, cause?: unknown): ToolError {
  return versionTooOld(place(server), version, '6.0', cause)
}

/** @param control `off` where the server accepts every client that names no user. */
export function accessDenied(server: string, cause: unknown, control: 'on' | 'off' = 'on'): ToolError {
  const reason = messageOf(cause).replace(/\.$/, '')
  if (control === 'on') return credentialsDenied(place(server), reason, cause)
  const why = `${reason}; access control is off there`
  return credentialsDenied(place(server), why, cause, ', or leave the user out of the URL')
}

export function userMissing(server: string, cause: unknown): ToolError {
  const fault = {
    what: `MongoDB at ${server} requires a user, but the configuration has none.`,
    where: { server },
    next: 'Add the user to `stores.mongodb.url`, and give the password with `stores.mongodb.password`.',
  }
  return new ToolError('STORE_ACCESS_DENIED', fault, { cause })
}

/** The server repeats the whole command: `... to execute command { ping: 1, lsid: { ... } }`. */
function withoutSession(message: string): string {
  return message.replace(/ to execute command \{ (\w+): .*$/s, ' to execute $1')
}
