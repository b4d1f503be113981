import { errors } from '@elastic/elasticsearch'
import * as z from 'zod/mini'
import { ToolError } from '../../../core/tool-error.ts'

/** What was being done, for the sentence. */
export interface Doing {
  /** After "refused to": `put index template logs`. */
  readonly what: string
  /** - `look` a refusal means that we may not even read. */
  readonly kind: 'look' | 'change'
}

const failure = z.object({ error: z.unknown() })

/** One level of the server's own explanation; `caused_by` holds the next. */
const level = z.object({ reason: z.optional(z.nullable(z.string())), caused_by: z.optional(z.unknown()) })

/** Says in a sentence why a request did not succeed. */
export function explain(error: unknown, doing: Doing, server: string): ToolError {
  if (error instanceof ToolError) return error
  if (error instanceof errors.ProductNotSupportedError) return wrongProduct(error, server)
  if (error instanceof errors.ResponseError) return explainAnswer(error, doing, server)
  return unreachable(error, server)
}

/** True when the server has no such thing, or no such endpoint. */
export function isMissing(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.statusCode === 404
}

/** True when this server has no such endpoint: another edition, or a module that is not there. */
export function isUnknownEndpoint(error: unknown): boolean {
  if (!(error instanceof errors.ResponseError)) return false
  return error.statusCode === 405 || reasonOf(error.body).startsWith('no handler found')
}

function explainAnswer(error: errors.ResponseError, doing: Doing, server: string): ToolError {
  const where = { server }
  const why = reasonOf(error.body)
  const status = error.statusCode ?? 0
  if (status === 401) {
    const what = `Elasticsearch at ${server} does not know the user, or the password or API key is wrong.`
    const next = 'Correct user and password, or token, of stores.elasticsearch in the configuration.'
    return new ToolError('STORE_ACCESS_DENIED', { what, where, why, next }, { cause: error })
  }
  if (status === 403 && doing.kind === 'look') {
    const what = `Elasticsearch at ${server} does not let us look: ${doing.what} is not allowed.`
    const next =
      'Grant the cluster privileges monitor, read_ilm and manage_index_templates, and view_index_metadata on the indices.'
    return new ToolError('STORE_ACCESS_DENIED', { what, where, why, next }, { cause: error })
  }
  if ([502, 503, 504].includes(status)) {
    const what = `Elasticsearch at ${server} cannot answer now (${status}).`
    const next = 'Wait until the cluster has a master and its proxy a server, then run it again.'
    return new ToolError('STORE_UNREACHABLE', { what, where, why, next }, { cause: error })
  }
  const next =
    status === 403
      ? 'Grant the cluster privileges manage_ilm and manage_index_templates, and manage on the indices.'
      : 'Correct the declaration; nothing after this step was done.'
  return new ToolError(
    'STORE_REFUSED',
    { what: `Elasticsearch refused to ${doing.what}.`, where, why, next },
    { cause: error },
  )
}

/**
 * The server's reasons from the outermost to the innermost, each once: the innermost alone does not say which template it is about.
 */
function reasonOf(body: unknown): string {
  const parsed = z.safeParse(failure, body)
  if (!parsed.success)
    return typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 300) : 'it gave no reason'
  if (typeof parsed.data.error === 'string') return parsed.data.error
  const reasons: string[] = []
  for (let current: unknown = parsed.data.error; current !== undefined && reasons.length < 10; ) {
    const found = z.safeParse(level, current)
    if (!found.success) break
    if (found.data.reason) reasons.push(found.data.reason)
    current = found.data.caused_by
  }
  const told = reasons.filter(
    (reason, index) => !reasons.some((other, place) => place > index && reason.includes(other)),
  )
  return told.length === 0 ? 'it gave no reason' : told.join(': ')
}

function wrongProduct(error: errors.ProductNotSupportedError, server: string): ToolError {
  const fault = {
    what: `What answers at ${server} is not Elasticsearch, or one that is too old: 8.0 or later is needed.`,
    where: { server },
    why: 'Its answer lacks the header that Elasticsearch sends since 7.14.',
    next: 'Correct the URL of stores.elasticsearch, or upgrade the server.',
  }
  return new ToolError('STORE_TOO_OLD', fault, { cause: error })
}

/** A server from before 8.0, or one that only looks like it. */
export function tooOld(version: string, server: string): ToolError {
  return new ToolError('STORE_TOO_OLD', {
    what: `Elasticsearch ${version} at ${server} is too old: 8.0 or later is needed.`,
    where: { server },
    next: 'Upgrade the server, or name another with stores.elasticsearch.url.',
  })
}

/** By the code of the connection's own error; everything about certificates is told alike. */
const reasons: readonly (readonly [RegExp, string, string])[] = [
  [/ECONNREFUSED/, 'nothing listens there', 'Start the server, or correct host and port of stores.elasticsearch.url.'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name is not known', 'Correct the host in stores.elasticsearch.url.'],
  [
    /certificate|CERT_|altnames|self.signed|issuer/i,
    'its certificate is not trusted',
    'Give stores.elasticsearch.tls.ca the authority that signed it; the host of the URL must be in the certificate.',
  ],
  [
    /SSL|TLS|EPROTO|wrong version number|socket disconnected/i,
    'TLS failed',
    'Write http:// for a server without TLS, and https:// for one with it.',
  ],
  [
    /other side closed|ECONNRESET|Parse Error|socket hang up/i,
    'it closed the connection',
    'Write https:// where the server wants TLS, and see whether it still runs.',
  ],
  [/[Tt]imed? ?out/, 'it did not answer in time', 'Check the network, and whether the cluster is overloaded.'],
]

function unreachable(error: unknown, server: string): ToolError {
  const said = messageOf(error)
  const [, short, next] = reasons.find(([pattern]) => pattern.test(said)) ?? [
    null,
    null,
    'Check the URL and the server.',
  ]
  const fault = {
    what: `Cannot reach Elasticsearch at ${server}${short === null ? '' : `: ${short}`}.`,
    where: { server },
    why: said,
    next,
  }
  return new ToolError('STORE_UNREACHABLE', fault, { cause: error })
}

/** undici's own words and those of its cause, without repeating them. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? messageOf(error.cause) : ''
  return inner === '' || error.message.includes(inner) ? error.message : `${error.message}: ${inner}`
}
