import type { ServerConfig } from './config.ts'

/** A server as a URL that `parseServerUrl` reads. */
export function writeServerUrl(server: ServerConfig, schema: string | null, withPassword: boolean): string {
  const { user, password, host, port, socket } = server
  const secret = withPassword && password !== null ? `:${encodeURIComponent(password.reveal())}` : ''
  const name = host.includes(':') ? `[${host}]` : host
  const path = schema === null ? '' : `/${encodeURIComponent(schema)}`
  const query = socket === null ? '' : `?socket=${encodeURIComponent(socket)}`
  return `mysql://${encodeURIComponent(user)}${secret}@${name}:${port}${path}${query}`
}
