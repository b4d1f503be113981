import type { ServerConfig } from './config.ts'
import { decodePart, hostLabel, partUrl, readCredentials, readHost, readQuery, UrlFault } from './url-parts.ts'

/** A server as a URL names it. */
export interface ServerUrl {
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly user: string
  /** Null when the URL has none; an empty one (`root:@`) is also a password: then no other is looked for. */
  readonly password: string | null
  readonly schema: string | null
}

/** A fault never repeats the URL or a piece of it that may belong to the password. */
export type ServerUrlOutcome =
  | { readonly type: 'server'; readonly server: ServerUrl }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

const form = 'Write `mysql://user:password@host:3306/schema`.'
/**
 * Reads `mysql://user:password@host:port/schema?socket=/path`. The WHATWG parser is not used: it accepts what MySQL cannot
 * use, normalizes what it should not, and repeats the whole URL in its errors.
 */
export function parseServerUrl(text: string): ServerUrlOutcome {
  try {
    return { type: 'server', server: readServerUrl(text.trim()) }
  } catch (error) {
    if (error instanceof UrlFault) return { type: 'fault', why: error.message, next: error.next }
    throw error
  }
}

/** The name of a server in messages and comparisons: host and port, or the socket's path. */
export function serverLabel(server: Pick<ServerUrl, 'host' | 'port' | 'socket'>): string {
  if (server.socket !== null) return server.socket
  return hostLabel(server)
}

function readServerUrl(text: string): ServerUrl {
  const parts = partUrl(withoutScheme(text))
  if (parts.credentials === null) throw new UrlFault('does not name a user', form)
  const { user, password } = readCredentials(parts.credentials)
  if (user === '') throw new UrlFault('does not name a user', form)
  const socket = readSocket(parts.query)
  return { ...readHost(parts.hosts, 3306, form), socket, user, password, schema: readSchema(parts.path) }
}

function withoutScheme(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'mysql' && text.slice(6, 8) === '//') return text.slice(8)
  const seen =
    scheme !== undefined && /^[a-z]+:(\/\/|mysql:)/i.test(text)
      ? `begins with "${scheme}:"`
      : 'does not begin with `mysql://`'
  throw new UrlFault(seen, form)
}

function readSchema(path: string): string | null {
  if (path === '') return null
  if (path.includes('/')) throw new UrlFault('has a path of more than one part', 'The path is the name of one schema.')
  return decodePart(path)
}

function readSocket(query: string): string | null {
  let socket: string | null = null
  for (const [name, value] of readQuery(query)) {
    if (name !== 'socket') throw unknownParameter(name)
    if (socket !== null) throw new UrlFault('names `socket` twice', 'Keep one.')
    socket = value
    if (!socket.startsWith('/'))
      throw new UrlFault('has a `socket` that is not an absolute path', 'Write `?socket=/path/to/mysqld.sock`.')
  }
  return socket
}

function unknownParameter(name: string): UrlFault {
  const next = /ssl|tls/i.test(name)
    ? 'TLS is set with the key `tls`: {"ca", "cert", "key", "verify"}.'
    : 'The only one is `socket`; timeouts, TLS and the rest have keys of their own.'
  return new UrlFault(
    /^[\w-]{1,40}$/.test(name) ? `has an unknown parameter \`${name}\`` : 'has an unknown parameter',
    next,
  )
}

/** A server as a URL that `parseServerUrl` reads. */
export function writeServerUrl(server: ServerConfig, schema: string | null, withPassword: boolean): string {
  const { user, password, host, port, socket } = server
  const secret = withPassword && password !== null ? `:${encodeURIComponent(password.reveal())}` : ''
  const name = host.includes(':') ? `[${host}]` : host
  const path = schema === null ? '' : `/${encodeURIComponent(schema)}`
  const query = socket === null ? '' : `?socket=${encodeURIComponent(socket)}`
  return `mysql://${encodeURIComponent(user)}${secret}@${name}:${port}${path}${query}`
}
