import type { StoreKind } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { hideSecrets } from './hide-secrets.ts'

/** The store that an error is about. */
export interface Place {
  readonly kind: StoreKind
  /** For people: `Redis`. */
  readonly product: string
  /** `host:port`. */
  readonly server: string
}

/** Network errors by their code or words; with what a person can do about them. */
const reasons: readonly (readonly [RegExp, string, (kind: StoreKind) => string])[] = [
  [
    /ECONNREFUSED/,
    'Nothing is listening there.',
    (kind) => `Start the server, or correct host and port in \`stores.${kind}.url\`.`,
  ],
  [/ENOTFOUND/, 'The host name does not exist.', (kind) => `Correct the host in \`stores.${kind}.url\`.`],
  [
    /EAI_AGAIN/,
    'The host name could not be resolved.',
    () => 'Check the network, or use an address instead of a name.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO|ISSUER|certificate|altnames|self.signed|issuer/,
    'TLS failed: ',
    (kind) =>
      `Check \`stores.${kind}.tls\`: \`ca\` must be the CA that signed the certificate, and the certificate must contain the host name.`,
  ],
  [
    /ERR_TLS|ERR_SSL|EPROTO|\bSSL\b|\bTLS\b|wrong version number|socket disconnected/,
    'TLS failed: ',
    (kind) =>
      `Check whether the server uses TLS: the scheme of \`stores.${kind}.url\` and \`stores.${kind}.tls\` must agree with it.`,
  ],
  [
    /ETIMEDOUT|timed? ?out/i,
    'It did not answer in time.',
    () => 'Check the network, the firewall and the server, or increase `timeouts.connect`.',
  ],
  [
    /ECONNRESET|other side closed|Parse Error|socket hang up|\bclosed\b/i,
    'It closed the connection.',
    (kind) => `Check that the port belongs to this store, and that TLS is used as \`stores.${kind}.url\` says.`,
  ],
]

/** Why there was no answer, as a sentence. */
export function explainLoss(error: unknown): string {
  return findReason(error).why
}

function findReason(error: unknown): { readonly why: string; readonly next: (kind: StoreKind) => string } {
  const message = wordsOf(error)
  const found = reasons.find(([pattern]) => pattern.test(`${codeOf(error)} ${message}`))
  const [, reason, next] = found ?? [
    null,
    '',
    (kind: StoreKind) => `Check the address in \`stores.${kind}.url\`, and the server.`,
  ]
  return { why: reason.endsWith('.') ? reason : asSentence(`${reason}${message}`), next }
}

/** No server answered, or the connection was lost: the same sentence for this fault in every store. */
export function unreachable({ kind, product, server }: Place, error: unknown): ToolError {
  const { why, next } = findReason(error)
  const fault = { what: `${product} at ${server} cannot be reached.`, where: { server }, why, next: next(kind) }
  return new ToolError('STORE_UNREACHABLE', fault, { cause: error })
}

/**
 * The server does not let this user log in.
 * @param more another way, as the end of the sentence about what to do.
 */
export function accessDenied({ kind, product, server }: Place, why: string, cause?: unknown, more = ''): ToolError {
  const fault = {
    what: `${product} at ${server} rejected these credentials.`,
    where: { server },
    why: asSentence(why),
    next: `Correct user, password or token of \`stores.${kind}\` (or the variables that they come from)${more}.`,
  }
  return new ToolError('STORE_ACCESS_DENIED', fault, { cause })
}

/** The user is logged in but may not even read: to a plan, everything would seem to be missing. */
export function readDenied({ product, server }: Place, why: string, next: string, cause?: unknown): ToolError {
  const what = `${product} at ${server} denied this user the reads that a plan needs.`
  return new ToolError('STORE_ACCESS_DENIED', { what, where: { server }, why: asSentence(why), next }, { cause })
}

/** The server refused a request; its own words are the reason. */
export function refused({ product, server }: Place, why: string, next: string, cause?: unknown): ToolError {
  const fault = { what: `${product} at ${server} refused a request.`, where: { server }, why: asSentence(why), next }
  return new ToolError('STORE_REFUSED', fault, { cause })
}

/** @param needed `6.2`. */
export function tooOld({ product, server }: Place, version: string | null, needed: string, cause?: unknown): ToolError {
  const fault = {
    what: `${product}${version === null ? '' : ` ${version}`} at ${server} is too old.`,
    where: { server },
    next: `Use ${product} ${needed} or later.`,
  }
  return new ToolError('STORE_TOO_OLD', fault, { cause })
}

/** Without what may be a secret in it: all of them have a server's or a library's own words. */
function asSentence(text: string): string {
  return `${hideSecrets(text).trim().replace(/\.$/, '')}.`
}

function codeOf(error: unknown): string {
  const own = error instanceof Error && 'code' in error ? String(error.code) : ''
  return error instanceof Error && error.cause !== undefined ? `${own} ${codeOf(error.cause)}` : own
}

/** An error's own message and that of its cause, without repetition. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? wordsOf(error.cause) : ''
  return inner === '' || error.message.includes(inner) ? error.message : `${error.message}: ${inner}`
}
