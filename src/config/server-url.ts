/** A server as a URL names it. */
export interface ServerUrl {
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly user: string
  /** Null when the URL has none; an empty one (`root:@`) is a password too: no other is looked for. */
  readonly password: string | null
  readonly schema: string | null
}

/** A fault never repeats the URL or a piece of it that may belong to the password. */
export type ServerUrlOutcome =
  | { readonly type: 'server'; readonly server: ServerUrl }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

class UrlFault extends Error {
  readonly next: string

  constructor(why: string, next: string) {
    super(why)
    this.next = next
  }
}

const form = 'Write mysql://user:password@host:3306/schema.'
const encode =
  'Percent-encode it ("@" is %40, "/" is %2F, "?" is %3F, "#" is %23, "%" is %25), or give the password with the key "password".'

/**
 * Reads `mysql://user:password@host:port/schema?socket=/path`. Own code, since the WHATWG parser accepts what MySQL cannot
 * use, normalises what it should not, and repeats the whole URL in its errors.
 */
export function parseServerUrl(text: string): ServerUrlOutcome {
  try {
    return { type: 'server', server: readServerUrl(text.trim()) }
  } catch (error) {
    if (error instanceof UrlFault) return { type: 'fault', why: error.message, next: error.next }
    throw error
  }
}

/** How a server is named to people and compared: host and port, or the socket's path. */
export function serverLabel(server: Pick<ServerUrl, 'host' | 'port' | 'socket'>): string {
  if (server.socket !== null) return server.socket
  return server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`
}

function readServerUrl(text: string): ServerUrl {
  const rest = withoutScheme(text)
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const tail = end === -1 ? '' : rest.slice(end)
  if (tail.includes('@')) {
    throw new UrlFault('has a "/", "?" or "#" before its "@": a special character of the user or password', encode)
  }
  if (tail.includes('#')) throw new UrlFault('has a "#"', encode)
  const split = authority.lastIndexOf('@')
  if (split === -1) throw new UrlFault('names no user', form)
  const { user, password } = readCredentials(authority.slice(0, split))
  const question = tail.indexOf('?')
  const socket = readSocket(question === -1 ? '' : tail.slice(question + 1))
  return {
    ...readHost(authority.slice(split + 1)),
    socket,
    user,
    password,
    schema: readSchema(question === -1 ? tail : tail.slice(0, question)),
  }
}

function withoutScheme(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'mysql' && text.slice(6, 8) === '//') return text.slice(8)
  const seen =
    scheme !== undefined && /^[a-z]+:(\/\/|mysql:)/i.test(text)
      ? `begins with "${scheme}:"`
      : 'does not begin with "mysql://"'
  throw new UrlFault(seen, form)
}

function readCredentials(text: string): { user: string; password: string | null } {
  const colon = text.indexOf(':')
  const user = decode(colon === -1 ? text : text.slice(0, colon))
  if (user === '') throw new UrlFault('names no user', form)
  return { user, password: colon === -1 ? null : decode(text.slice(colon + 1)) }
}

function readHost(text: string): { host: string; port: number } {
  if (/^(:\d*)?$/.test(text)) throw new UrlFault('names no host', form)
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(.*))?$/i.exec(text)
  if (match === null)
    throw new UrlFault('has a host that cannot be read', 'Write an IPv6 address in brackets: mysql://root@[::1]:3306/.')
  const host = decode(match[1] ?? match[2] ?? '').toLowerCase()
  if (!/^[\w.:~-]+$/.test(host)) throw new UrlFault('has a host that cannot be read', form)
  const port = match[3] === undefined ? 3306 : Number(/^\d{1,5}$/.test(match[3]) ? match[3] : Number.NaN)
  if (!(port >= 1 && port <= 65535)) throw new UrlFault('has a port that is no number from 1 to 65535', form)
  return { host, port }
}

function readSchema(path: string): string | null {
  const text = path.replace(/^\//, '')
  if (text === '') return null
  if (text.includes('/')) throw new UrlFault('has a path of more than one part', 'The path is the name of one schema.')
  return decode(text)
}

function readSocket(query: string): string | null {
  let socket: string | null = null
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    if (name !== 'socket') throw unknownParameter(name)
    if (socket !== null) throw new UrlFault('names "socket" twice', 'Keep one.')
    socket = decode(equals === -1 ? '' : pair.slice(equals + 1))
    if (!socket.startsWith('/'))
      throw new UrlFault('has a "socket" that is no absolute path', 'Write ?socket=/path/to/mysqld.sock.')
  }
  return socket
}

function unknownParameter(name: string): UrlFault {
  const next = /ssl|tls/i.test(name)
    ? 'TLS is set with the key "tls": {"ca", "cert", "key", "verify"}.'
    : 'The only one is "socket"; timeouts, TLS and the rest have keys of their own.'
  return new UrlFault(
    /^[\w-]{1,40}$/.test(name) ? `has an unknown parameter "${name}"` : 'has an unknown parameter',
    next,
  )
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    if (decoded.includes('\0')) throw new UrlFault('holds a NUL character', 'Remove it.')
    return decoded
  } catch (error) {
    if (error instanceof UrlFault) throw error
    throw new UrlFault('has a "%" that begins no percent-encoded character', encode)
  }
}
