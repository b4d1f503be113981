import type { Fault } from '../core/tool-error.ts'
import type { Config } from './config.ts'

const mask = '***'

/** A shorter text occurs in words and numbers: replacing it would make output unreadable and hide nothing. */
const shortest = 4

/**
 * The last safety net before anything is printed: every known secret (plain, percent-encoded, JSON-escaped) and the
 * password of every URL becomes `***`. Secrets of fewer than four characters are only found in URLs.
 */
export function redactText(text: string, secrets: readonly string[]): string {
  const masked = text.includes('://') ? text.replace(urlPassword, `$1${mask}@`) : text
  if (secrets.length === 0) return masked
  const search = searchOf(secrets)
  return search === null ? masked : masked.replace(search, mask)
}

const searches = new WeakMap<readonly string[], RegExp | null>()

/** One search for all written forms of some secrets; built once per list, because every text of a run uses it. */
function searchOf(secrets: readonly string[]): RegExp | null {
  const known = searches.get(secrets)
  if (known !== undefined) return known
  const forms = [...new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(writtenForms))]
  const longestFirst = forms.toSorted((one, other) => other.length - one.length)
  const search = forms.length === 0 ? null : new RegExp(longestFirst.map(patternOf).join('|'), 'g')
  searches.set(secrets, search)
  return search
}

/**
 * `scheme://user:` and everything up to the last `@` of the word: passwords are often written with an unencoded `@` or
 * `/`.
 */
const urlPassword = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@"'`]*:)[^\s"'`]*@/gi

/**
 * The same fault with secrets masked; an excerpt that contained one is left out, because its column would no longer
 * fit.
 */
export function redactFault(fault: Fault, secrets: readonly string[]): Fault {
  const { excerpt, where, ...texts } = fault
  const redact = (value: string | number) => (typeof value === 'string' ? redactText(value, secrets) : value)
  const redacted = Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, redact(value)]))
  const clean = excerpt !== undefined && redactText(excerpt.text, secrets) === excerpt.text
  const statement = where?.statement
  return {
    ...redacted,
    what: redactText(fault.what, secrets),
    ...(where === undefined
      ? {}
      : { where: statement === undefined ? where : { ...where, statement: redactText(statement, secrets) } }),
    ...(clean ? { excerpt } : {}),
  }
}

/** Every secret of a configuration, for `redactText`. */
export function collectSecrets(config: Config): readonly string[] {
  const held = [
    ...config.databases.flatMap(({ server, targets, scratchServer }) =>
      [server, ...(targets?.servers.values() ?? []), ...(scratchServer === undefined ? [] : [scratchServer])].flatMap(
        ({ password, tls }) => [password, tls?.key ?? null],
      ),
    ),
    ...config.throttle.replicas.flatMap(({ server }) => [server.password, server.tls?.key ?? null]),
    ...config.stores.flatMap(({ password, token, tls }) => [password, token, tls?.key ?? null]),
  ]
  const sandbox = config.sandbox.url?.reveal() ?? null
  const texts = held.flatMap((secret) => (secret === null ? [] : [secret.reveal()]))
  return [...new Set([...texts, ...(sandbox === null ? [] : secretsOf('url', sandbox))])]
}

/**
 * The secret part of a setting: of a URL, what stands between the user's ":" and the last "@"; else the whole password.
 */
export function secretsOf(key: string, value: string): readonly string[] {
  if (/(?:password|token)$/i.test(key)) return [value]
  if (!/url$/i.test(key)) return []
  const written = /:\/\/[^:/@]*:(.*)@/s.exec(value)?.[1]
  if (written === undefined || written === '') return []
  return [written, decodeLeniently(written)]
}

function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function writtenForms(secret: string): readonly string[] {
  const encoded = encodeLeniently(secret)
  const lowercase = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [secret, encoded, lowercase, JSON.stringify(secret).slice(1, -1)]
}

/** Lone surrogates cannot be encoded. */
function encodeLeniently(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return text
  }
}

/** A short word is matched only as a whole word: the password `other` is not part of `another`. */
function patternOf(form: string): string {
  return /^[a-z]{4,7}$/i.test(form) ? `(?<![A-Za-z])${form}(?![A-Za-z])` : escapePattern(form)
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
