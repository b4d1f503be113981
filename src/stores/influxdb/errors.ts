import { ToolError } from '../../core/tool-error.ts'
import { hideOpaque } from '../hide-secrets.ts'
import { accessDenied, type Place, refused, unreachable } from '../server-errors.ts'

function place(server: string): Place {
  return { kind: 'influxdb', product: 'InfluxDB', server }
}

/**
 * The client library's error for an answer that is not a success. It is recognized by its name, so that the library need not be
 * loaded.
 */
interface AnswerError extends Error {
  readonly statusCode: number
  readonly statusMessage?: string
}

function isAnswer(error: unknown): error is AnswerError {
  return error instanceof Error && error.name === 'HttpError' && 'statusCode' in error
}

/** The status of an answer; null for everything else. */
export function statusOf(error: unknown): number | null {
  return isAnswer(error) ? error.statusCode : null
}

/**
 * Why a request failed, in a sentence.
 * @param request the request, as the beginning of a sentence: `Creating bucket metrics_hot`.
 */
export function explainError(error: unknown, server: string, request = 'A request'): ToolError {
  if (error instanceof ToolError) return error
  if (!isAnswer(error)) return unreachable(place(server), error)
  const { statusCode } = error
  const reason = reasonOf(error)
  // "unauthorized access" means a token that the server does not know; for a missing right, it names the right.
  if (statusCode === 401 && (reason === 'unauthorized access' || request.startsWith('Signing in'))) {
    return accessDenied(place(server), `${request}: ${reason}`, error)
  }
  const isRight = statusCode === 401 || statusCode === 403
  const next = isRight
    ? 'Give the token this permission: an operator token has all, an all-access token those of its organization.'
    : 'Fix what the server reports, then run the command again: it continues where it stopped.'
  return refused(place(server), `${request} (${statusCode}): ${reason}`, next, error)
}

/** No server's message is longer; a longer text is the page of a proxy. */
const longestReason = 400

/** The server's own message, without what may be a secret of a script, on one line and without a final full stop. */
function reasonOf({ message, statusMessage }: AnswerError): string {
  const text = message.trim() === '' ? (statusMessage ?? 'no reason') : message
  return hideOpaque(text).replaceAll(/\s+/g, ' ').trim().slice(0, longestReason).replace(/\.$/, '')
}
