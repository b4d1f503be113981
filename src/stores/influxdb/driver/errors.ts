import { HttpError, RequestTimedOutError } from '@influxdata/influxdb-client'
import { ToolError } from '../../../core/tool-error.ts'

/**
 * Does `request` and tells in a sentence what went wrong.
 * @param doing what was asked, as the beginning of a sentence: `Creating bucket metrics_hot`.
 * @throws ToolError STORE_UNREACHABLE, STORE_ACCESS_DENIED, STORE_REFUSED.
 */
export async function explained<T>(server: string, doing: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof ToolError) throw error
    throw error instanceof HttpError ? explainAnswer(server, doing, error) : explainSilence(server, error)
  }
}

/** The status of an answer; null for everything else. */
export function statusOf(error: unknown): number | null {
  return error instanceof HttpError ? error.statusCode : null
}

function explainAnswer(server: string, doing: string, error: HttpError): ToolError {
  const { statusCode } = error
  const reason = reasonOf(error)
  // "unauthorized access" is said of a token that the server does not know; of a right that is missing it names the right.
  if (statusCode === 401 && (reason === 'unauthorized access' || doing.startsWith('Signing in'))) {
    return new ToolError('STORE_ACCESS_DENIED', {
      what: doing.startsWith('Signing in')
        ? 'InfluxDB does not accept the user and the password.'
        : 'InfluxDB does not accept the token.',
      where: { server },
      why: `It answers: ${reason}.`,
      next: 'Check "stores.influxdb" in the configuration: an operator token, or an all-access token of the organisation.',
    })
  }
  const isRight = statusCode === 401 || statusCode === 403
  return new ToolError('STORE_REFUSED', {
    what: `${doing} was refused by InfluxDB.`,
    where: { server },
    why: `It answers (${statusCode}): ${reason}.`,
    next: isRight
      ? 'Give the token this right: an operator token has all, an all-access token those of its organisation.'
      : 'Mend what the server names, then run the command again: it goes on where it stopped.',
  })
}

/** No sentence of a server is longer; what is, is the page of something in between. */
const longestReason = 400

/** The server's own words, on one line and without a full stop at their end. */
function reasonOf(error: HttpError): string {
  const text = error.message.trim() === '' ? (error.statusMessage ?? 'no reason') : error.message
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, longestReason).replace(/\.$/, '')
}

const certificateCodes: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

function explainSilence(server: string, error: unknown): ToolError {
  const code = codeOf(error)
  const why = error instanceof Error ? error.message : String(error)
  const fault = certificateCodes.has(code)
    ? {
        what: 'The certificate of the InfluxDB server is not one to be trusted.',
        where: { server },
        why: `${why} (${code}).`,
        next: 'Name the authority that signed it with "tls.ca", or the host name that it was made for.',
      }
    : {
        what: 'InfluxDB cannot be reached.',
        where: { server },
        why: error instanceof RequestTimedOutError ? 'It does not answer in time.' : `${why}.`,
        next: 'Check that the server runs, and host, port and scheme of its URL.',
      }
  return new ToolError('STORE_UNREACHABLE', fault, { cause: error })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
