import { type Fault, ToolError } from '../../../core/tool-error.ts'

const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['nothing listens there', 'Start the node, or correct the host and port in stores.redis.url.'],
  ENOTFOUND: ['the name is not known', 'Correct the host in stores.redis.url.'],
  EAI_AGAIN: ['the name could not be looked up', 'Check the network, or use an address instead of a name.'],
  ETIMEDOUT: ['it did not answer in time', 'Check the network, the firewall and the node, or raise timeouts.connect.'],
  ECONNRESET: [
    'it closed the connection',
    'Check that the port is that of Redis, with TLS or without as the URL says.',
  ],
}

/** What TLS of this side says of the other side's certificate. */
const certificateFault = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO|ISSUER/

/**
 * Says in one sentence why a node cannot be used. What was sent is told nowhere: a command may hold a password.
 * @param latest what the connection itself met last, as a closed connection says nothing but that.
 */
export function explainFault(error: unknown, latest: Error | null, node: string): ToolError {
  if (error instanceof ToolError) return error
  const message = error instanceof Error ? error.message : String(error)
  const cause = /^Connection is closed|^Stream isn't writeable/.test(message) && latest !== null ? latest : error
  const why = cause instanceof Error ? cause.message : String(cause)
  if (/^(?:WRONGPASS|NOAUTH)\b|AUTH.*(?:no password|without any password)/.test(why)) return denied(node, why)
  if (/^[A-Z]{2,}\b/.test(why) && !('code' in Object(cause))) return refused(node, why)
  return unreachable(node, why, 'code' in Object(cause) ? String(Object(cause).code) : '')
}

/** The server said no: its own words are the reason. */
function refused(node: string, why: string): ToolError {
  const next = why.startsWith('NOPERM')
    ? 'Give the user of stores.redis.url this right, or name one that has it.'
    : 'Mend what the server names, then run again: what was done already is not done twice.'
  return new ToolError('STORE_REFUSED', { what: `Redis at ${node} refused.`, where: { server: node }, why, next })
}

/** A user who may not even look is not let in, as far as a plan is concerned: everything would seem to be missing. */
export function explainLook(error: ToolError, node: string): ToolError {
  const why = error.faults[0]?.why ?? ''
  if (error.code !== 'STORE_REFUSED' || !why.startsWith('NOPERM')) return error
  const fault: Fault = {
    what: `Redis at ${node} does not let this user look at it.`,
    where: { server: node },
    why,
    next: 'Give the user of stores.redis the rules "+@admin +acl +cluster +info +command +multi +exec" on every node, or name a user that has them.',
  }
  return new ToolError('STORE_ACCESS_DENIED', fault)
}

function denied(node: string, why: string): ToolError {
  const fault: Fault = {
    what: `Redis at ${node} does not let this user in.`,
    where: { server: node },
    why,
    next: 'Correct user and password of stores.redis (or the variables that they are made from).',
  }
  return new ToolError('STORE_ACCESS_DENIED', fault)
}

function unreachable(node: string, message: string, code: string): ToolError {
  const [why, next] = reasonOf(message, code)
  const fault: Fault = { what: `Redis at ${node} cannot be reached.`, where: { server: node }, why, next }
  return new ToolError('STORE_UNREACHABLE', fault)
}

function reasonOf(message: string, code: string): readonly [string, string] {
  const known = reasons[code]
  if (known !== undefined) return known
  if (certificateFault.test(code)) {
    return [
      `TLS failed: ${message}`,
      'Check stores.redis.tls: the authority must be the one that signed the certificate, which must name the host.',
    ]
  }
  if (/timed? ?out/i.test(message)) return reasons['ETIMEDOUT'] ?? ['', '']
  if (/^Connection is closed/.test(message)) return reasons['ECONNRESET'] ?? ['', '']
  return [message, 'Check the address in stores.redis.url, and the node.']
}
