/**
 * What is wrong with a URL, as the end of a sentence; it never repeats the URL or a piece of it that may belong to the password.
 */
export class UrlFault extends Error {
  readonly next: string

  constructor(why: string, next: string) {
    super(why)
    this.next = next
  }
}

/** What to do about a special character in the wrong place. */
const encodeAdvice =
  'Percent-encode it (`@` is %40, `/` is %2F, `?` is %3F, `#` is %23, `%` is %25), or give the password with the key `password`.'

/** The three parts of what follows `scheme://`. */
export interface UrlParts {
  /** Before the last `@`; null without one. */
  readonly credentials: string | null
  readonly hosts: string
  /** Without its `/`. */
  readonly path: string
  /** Without its `?`. */
  readonly query: string
}

/** Splits what follows `scheme://`. Throws UrlFault where that would cut a password that was not encoded in two. */
export function partUrl(rest: string): UrlParts {
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const tail = end === -1 ? '' : rest.slice(end)
  if (tail.includes('@')) {
    throw new UrlFault(
      'has a `/`, `?` or `#` before its `@`: a special character of the user or password',
      encodeAdvice,
    )
  }
  if (tail.includes('#')) throw new UrlFault('has a `#`', encodeAdvice)
  const split = authority.lastIndexOf('@')
  const question = tail.indexOf('?')
  return {
    credentials: split === -1 ? null : authority.slice(0, split),
    hosts: authority.slice(split + 1),
    path: (question === -1 ? tail : tail.slice(0, question)).replace(/^\//, ''),
    query: question === -1 ? '' : tail.slice(question + 1),
  }
}

/** Reads `host`, `host:port` or `[::1]:port`. `form` is how the whole is written. */
export function readHost(text: string, defaultPort: number, form: string): { host: string; port: number } {
  if (/^(:\d*)?$/.test(text)) throw new UrlFault('does not name a host', form)
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(.*))?$/i.exec(text)
  if (match === null)
    throw new UrlFault('has a host that cannot be read', 'Write an IPv6 address in brackets: //root@[::1]:3306/.')
  const host = decodePart(match[1] ?? match[2] ?? '').toLowerCase()
  if (!/^[\w.:~-]+$/.test(host)) throw new UrlFault('has a host that cannot be read', form)
  const port = match[3] === undefined ? defaultPort : Number(/^\d{1,5}$/.test(match[3]) ? match[3] : Number.NaN)
  if (!(port >= 1 && port <= 65535)) throw new UrlFault('has a port that is not a number from 1 to 65535', form)
  return { host, port }
}

/** Reads `user:password`; the password is null where there is no colon. */
export function readCredentials(text: string): { readonly user: string; readonly password: string | null } {
  const colon = text.indexOf(':')
  return {
    user: decodePart(colon === -1 ? text : text.slice(0, colon)),
    password: colon === -1 ? null : decodePart(text.slice(colon + 1)),
  }
}

/** The pairs of a query string, in order. */
export function readQuery(query: string): readonly (readonly [string, string])[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return [
        decodePart(equals === -1 ? pair : pair.slice(0, equals)),
        decodePart(equals === -1 ? '' : pair.slice(equals + 1)),
      ]
    })
}

/** True for a host that never leaves this machine. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(host)
  )
}

/** The name of an address in messages: host and port, with the brackets that IPv6 needs. */
export function hostLabel({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** A part with its percent-encoding decoded. */
export function decodePart(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    if (decoded.includes('\0')) throw new UrlFault('contains a NUL character', 'Remove it.')
    return decoded
  } catch (error) {
    if (error instanceof UrlFault) throw error
    throw new UrlFault('has a `%` that does not start a percent-encoded character', encodeAdvice)
  }
}
