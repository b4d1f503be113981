import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { accessDenied, type Place, readDenied, refused, tooOld, unreachable } from '../server-errors.ts'

function place(server: string): Place {
  return { kind: 'elasticsearch', product: 'Elasticsearch', server }
}

/**
 * The client library's error for an answer that is not a success. It is recognized by its name, so that the library need not be
 * loaded.
 */
interface ResponseError extends Error {
  readonly statusCode?: number
  readonly body?: unknown
}

/** The same where the tool reads an answer itself. */
export class AnswerError extends Error implements ResponseError {
  override readonly name = 'ResponseError'
  readonly statusCode: number
  readonly body: unknown

  constructor(statusCode: number, body: unknown) {
    super(`the server answered ${statusCode}`)
    this.statusCode = statusCode
    this.body = body
  }
}

function isResponseError(error: unknown): error is ResponseError {
  return error instanceof Error && error.name === 'ResponseError'
}

/**
 * Why a request failed, in a sentence.
 * @param request such as `put index template logs`.
 */
export function explainError(error: unknown, server: string, request?: string): ToolError {
  if (error instanceof ToolError) return error
  if (error instanceof Error && error.name === 'ProductNotSupportedError') return wrongProduct(error, server)
  if (!isResponseError(error)) return unreachable(place(server), error)
  const why = explainAnswer(error, request)
  const status = error.statusCode ?? 0
  if (status === 401) return accessDenied(place(server), why, error)
  if ([502, 503, 504].includes(status)) return notReady(status, why, server, error)
  const next =
    status === 403
      ? whatToGrant(why, 'write')
      : typeOf(error) === 'snapshot_in_progress_exception'
        ? 'Run the command again when that snapshot has ended (`GET _snapshot/_status`).'
        : 'Correct the declaration; the changes after this one were not applied.'
  return refused(place(server), why, next, error)
}

/** The same for reading: where that is refused, a plan is not possible. */
export function explainReadError(error: unknown, server: string, request?: string): ToolError {
  if (!isResponseError(error) || error.statusCode !== 403) return explainError(error, server, request)
  const why = explainAnswer(error, request)
  return readDenied(place(server), why, whatToGrant(why, 'read'), error)
}

/** The server names the action that it refused; those on roles and users have their own privilege. */
function whatToGrant(why: string, purpose: 'read' | 'write'): string {
  if (why.includes('cluster:admin/xpack/security/')) {
    return `Grant the cluster privilege \`${purpose === 'read' ? 'read_security' : 'manage_security'}\`, which declared roles and users need.`
  }
  if (why.includes('wwdb-setup-lock')) {
    return 'Grant `manage`, `write` and `read` on the index `wwdb-setup-lock` (with the prefix before it), in which `wwdb setup apply` holds its lock.'
  }
  return purpose === 'read'
    ? 'Grant the cluster privileges `monitor`, `read_ilm` and `manage_index_templates`, and `view_index_metadata` on the indices.'
    : 'Grant the cluster privileges `manage_ilm` and `manage_index_templates`, and `manage` on the indices.'
}

/** `Put index template logs: unknown setting [index.x].` */
function explainAnswer({ body }: ResponseError, request: string | undefined): string {
  const reason = reasonOf(body)
  return request === undefined ? reason : `${request.replace(/^./, (letter) => letter.toUpperCase())}: ${reason}`
}

/** True when what is written is no longer in the version that was read. */
export function isConflict({ cause }: ToolError): boolean {
  return isResponseError(cause) && cause.statusCode === 409
}

/** True where the server itself said no: then nothing of the request is still under way. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof ToolError) || !isResponseError(error.cause)) return false
  const { statusCode = 0 } = error.cause
  return statusCode >= 400 && statusCode < 500
}

const refusal = z.object({ error: z.object({ type: z.string() }) })

/** True when what was to be created exists already. */
export function isExisting(error: unknown): boolean {
  if (!(error instanceof ToolError) || !isResponseError(error.cause)) return false
  return typeOf(error.cause) === 'resource_already_exists_exception'
}

/** The server's own name of what went wrong. */
function typeOf({ body }: ResponseError): string | null {
  const parsed = z.safeParse(refusal, body)
  return parsed.success ? parsed.data.error.type : null
}

/** True when the server has no such thing. */
export function isMissing(error: unknown): boolean {
  return isResponseError(error) && error.statusCode === 404
}

/** True when the login is refused. */
export function isUnauthenticated(error: unknown): boolean {
  return isResponseError(error) && error.statusCode === 401
}

/** True when this server has no such endpoint: another edition, or a missing module. */
export function isUnknownEndpoint(error: unknown): boolean {
  return isResponseError(error) && (error.statusCode === 405 || reasonOf(error.body).startsWith('no handler found'))
}

/** Throws ToolError `STORE_TOO_OLD` for a server before 8.0. */
export function refuseOld(version: string, server: string): void {
  if (Number(version.split('.')[0]) < 8) throw tooOld(place(server), version, '8.0')
}

function wrongProduct(error: Error, server: string): ToolError {
  const fault = {
    what: `The server at ${server} is not Elasticsearch 8.0 or later.`,
    where: { server },
    why: 'Its response lacks the header that Elasticsearch has sent since 7.14.',
    next: 'Correct `stores.elasticsearch.url`, or upgrade the server.',
  }
  return new ToolError('STORE_TOO_OLD', fault, { cause: error })
}

function notReady(status: number, why: string, server: string, cause: Error): ToolError {
  const fault = {
    what: `Elasticsearch at ${server} cannot answer now (${status}).`,
    where: { server },
    why,
    next: 'Wait until the cluster has a master and its proxy has a backend, then run the command again.',
  }
  return new ToolError('STORE_UNREACHABLE', fault, { cause })
}

const failure = z.object({ error: z.unknown() })

/** One level of the server's own explanation; `caused_by` contains the next. */
const level = z.object({ reason: z.optional(z.nullable(z.string())), caused_by: z.optional(z.unknown()) })

/** The server's reasons from the outermost to the innermost, each once: the innermost alone does not name the template. */
function reasonOf(body: unknown): string {
  const parsed = z.safeParse(failure, body)
  if (!parsed.success)
    return typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 300) : 'The server gave no reason'
  if (typeof parsed.data.error === 'string') return parsed.data.error
  const reasons: string[] = []
  for (let current: unknown = parsed.data.error; current !== undefined && reasons.length < 10; ) {
    const found = z.safeParse(level, current)
    if (!found.success) break
    if (found.data.reason) reasons.push(found.data.reason)
    current = found.data.caused_by
  }
  const distinct = reasons.filter(
    (reason, index) => !reasons.some((other, place) => place > index && reason.includes(other)),
  )
  return distinct.length === 0 ? 'The server gave no reason' : distinct.join(': ')
}
