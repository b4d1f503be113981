import {
  MongoCompatibilityError,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'
import { ToolError } from '../../../core/tool-error.ts'

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
  roleExists: 51_002,
  userExists: 51_003,
} as const

/** Said by a server that is not the primary (any more), or is just ending. */
const elsewhere: ReadonlySet<unknown> = new Set([91, 189, 10_107, 11_600, 11_602, 13_435, 13_436, 10_058])

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof MongoServerError && codes.includes(Number(error.code))
}

/** True where the same command may go through on another member, or in a moment. */
export function isElsewhere(error: unknown): boolean {
  if (error instanceof MongoServerError) return elsewhere.has(error.code)
  return isLost(error)
}

/** True where no answer came: the server, or the way to it, is gone. */
export function isLost(error: unknown): boolean {
  return error instanceof MongoNetworkError || error instanceof MongoServerSelectionError
}

/** True where another configuration is being agreed on, or was since ours was read. */
export function isConfigurationRace(error: unknown): boolean {
  if (hasCode(error, serverErrors.configurationInProgress, serverErrors.configurationNotCommitted)) return true
  return (
    hasCode(error, serverErrors.incompatibleConfiguration) && /version .* must be greater than/i.test(messageOf(error))
  )
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  // The driver puts the server's own sentence behind its kind.
  return message.replace(/^(?:MongoServerError|PlanExecutor error during aggregation :: caused by ::)\s*:?\s*/, '')
}

/**
 * Says in a sentence what MongoDB refused, or why it was not reached. A ToolError is passed on.
 * @param kind `look` a user who may not even read is not let in, as far as a plan is concerned.
 */
export function explain(
  error: unknown,
  address: string,
  user: string | null,
  kind: 'look' | 'change' = 'look',
): unknown {
  if (!(error instanceof MongoError)) return error
  const where = { server: address }
  if (error instanceof MongoCompatibilityError) return tooOld(address, null, error)
  if (isLost(error)) return unreachable(address, explainLoss(error), error)
  if (hasCode(error, serverErrors.authenticationFailed)) return accessDenied(address, user, error)
  if (hasCode(error, serverErrors.unauthorized) && user === null) return userWanted(address, error)
  if (hasCode(error, serverErrors.unauthorized) && kind === 'look') return mayNotLook(address, user ?? '', error)
  const fault = {
    what: `MongoDB refused what was asked of it.`,
    where,
    why: withoutSession(messageOf(error)),
    next: hasCode(error, serverErrors.unauthorized)
      ? `Give the user ${user} the role that this takes: root for the set and its users, dbAdmin and readWrite for collections.`
      : 'Correct what the reason names, and run this again.',
  }
  return new ToolError('STORE_REFUSED', fault, { cause: error })
}

function unreachable(address: string, why: string, cause?: unknown): ToolError {
  const fault = {
    what: `MongoDB cannot be reached at ${address}.`,
    where: { server: address },
    why,
    next: /TLS/.test(why)
      ? 'Check tls.ca, tls.cert and tls.key; the host in the URL must be in the certificate.'
      : 'Start it, or correct the host and port in the URL.',
  }
  return new ToolError('STORE_UNREACHABLE', fault, { cause })
}

/** @param version as far as it is known. */
export function tooOld(address: string, version: string | null, cause?: unknown): ToolError {
  return new ToolError(
    'STORE_TOO_OLD',
    {
      what: `MongoDB at ${address} is ${version === null ? 'too old' : `version ${version}`}; wwdb needs 6.0 or later.`,
      where: { server: address },
      next: 'Upgrade it, one major version at a time.',
    },
    { cause },
  )
}

/** @param control `off` where the server lets everybody in who names no user. */
export function accessDenied(
  address: string,
  user: string | null,
  cause: unknown,
  control: 'on' | 'off' = 'on',
): ToolError {
  const reason = messageOf(cause).replace(/\.$/, '')
  const correct = 'Correct user, password and the database behind the hosts in the URL (admin unless told)'
  return new ToolError(
    'STORE_ACCESS_DENIED',
    {
      what: `MongoDB at ${address} does not let '${user}' in with the password given.`,
      where: { server: address },
      why: control === 'on' ? `${reason}.` : `${reason}; access control is off there.`,
      next: control === 'on' ? `${correct}.` : `${correct}, or leave the user out of the URL.`,
    },
    { cause },
  )
}

function mayNotLook(address: string, user: string, cause: unknown): ToolError {
  return new ToolError(
    'STORE_ACCESS_DENIED',
    {
      what: `MongoDB at ${address} does not let '${user}' look at it.`,
      where: { server: address },
      why: withoutSession(messageOf(cause)),
      next: `Give the user ${user} the role root; to plan and verify alone, clusterMonitor, userAdminAnyDatabase and readAnyDatabase do.`,
    },
    { cause },
  )
}

export function userWanted(address: string, cause: unknown): ToolError {
  return new ToolError(
    'STORE_ACCESS_DENIED',
    {
      what: `MongoDB at ${address} wants a user, and none is configured.`,
      where: { server: address },
      next: 'Put the user into the URL of stores.mongodb, and give the password with the key "password".',
    },
    { cause },
  )
}

/** Why there was no answer, in words. */
export function explainLoss(error: unknown): string {
  const message = messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error)
  if (/ECONNREFUSED/.test(message)) return 'Nothing listens there.'
  if (/ENOTFOUND/.test(message)) return 'The name is not known.'
  if (/EAI_AGAIN/.test(message)) return 'The name could not be looked up.'
  if (/ETIMEDOUT|timed? ?out/i.test(message)) return 'It did not answer in time.'
  if (/certificate|TLS|SSL|ssl|alert|altnames/i.test(message)) return `TLS failed: ${message}.`
  if (/ECONNRESET|socket hang up|closed/i.test(message)) return 'It closed the connection; does it want TLS?'
  return message
}

/** The server repeats the whole command: `... to execute command { ping: 1, lsid: { ... } }`. */
function withoutSession(message: string): string {
  return message.replace(/ to execute command \{ (\w+): .*$/s, ' to execute $1')
}
