import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../servers/ports.ts'

/** What stands before an Elasticsearch without security and plays its part: users, rights, TLS, another version. */
export interface GuardOptions {
  /** The node behind it. */
  readonly url: string
  /** Passwords by user; without it no password is required. */
  readonly users?: Readonly<Record<string, string>>
  /** Passes on who asks, for a node behind it that has security itself. */
  readonly passesUsers?: boolean
  /** API keys that are known. */
  readonly keys?: readonly string[]
  /** Users who may look and not change. */
  readonly readers?: readonly string[]
  /** Speaks TLS, with the certificate of test/fixtures/tls that has this name. */
  readonly certificate?: 'here' | 'elsewhere'
  /** Answers that it gives itself, by the end of the path. */
  readonly answers?: Readonly<Record<string, string>>
  /** Answers `GET /` with this version. */
  readonly version?: string
  /** False leaves out the header by which clients know Elasticsearch. */
  readonly signed?: boolean
  /** Called with each change, other than those of the lock, before it is passed on; true drops the connection instead. */
  readonly onChange?: (change: string) => boolean | Promise<boolean>
  /** Called with each change that the node has carried out, before its answer is passed on; true keeps the answer back. */
  readonly onChanged?: (change: string) => boolean | Promise<boolean>
}

export interface Guard {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

const tls = join(import.meta.dirname, '../../fixtures/tls')

/** Starts a guard on a free port. */
export async function startGuard(options: GuardOptions): Promise<Guard> {
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    respond(options, incoming, response).catch(() => response.destroy())
  }
  const server: Server =
    options.certificate === undefined
      ? createServer(answer)
      : createTlsServer(
          {
            cert: readFileSync(join(tls, `${options.certificate}.pem`)),
            key: readFileSync(join(tls, `${options.certificate}.key`)),
          },
          answer,
        )
  const port = await freePort()
  await new Promise<void>((settle) => server.listen(port, '127.0.0.1', settle))
  const { port: bound } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((settle) => server.close(settle))
  }
  return { url: `${options.certificate === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`, port: bound, close }
}

async function respond(options: GuardOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const refusal = judge(options, incoming)
  if (refusal !== null) return send(options, response, refusal.status, refusal.body)
  const path = (incoming.url ?? '').split('?')[0] ?? ''
  const own = Object.entries(options.answers ?? {}).find(([end]) => path.endsWith(end))
  if (own !== undefined) return send(options, response, 200, own[1])
  const change = isChange(incoming) && !isLock(incoming) ? `${incoming.method} ${incoming.url}` : null
  if (change !== null && (await options.onChange?.(change)) === true) return void response.destroy()
  const { status, body } = await forward(options, incoming, Buffer.concat(chunks))
  if (change !== null && (await options.onChanged?.(change)) === true) return void response.destroy()
  const shown = options.version !== undefined && incoming.url === '/' ? withVersion(body, options.version) : body
  send(options, response, status, shown)
}

/** The lock is renewed as often as it takes. */
function isLock({ url }: IncomingMessage): boolean {
  return url?.includes('wwdb-setup-lock') === true
}

function send({ signed }: GuardOptions, response: ServerResponse, status: number, body: string): void {
  const header = signed === false ? {} : { 'X-elastic-product': 'Elasticsearch' }
  response.writeHead(status, { ...header, 'content-type': 'application/json' }).end(body)
}

interface Refusal {
  readonly status: number
  readonly body: string
}

/** The words of Elasticsearch's own security. */
function judge(
  { users, keys = [], readers = [] }: GuardOptions,
  { headers, method, url }: IncomingMessage,
): Refusal | null {
  if (users === undefined) return null
  const [scheme, value = ''] = (headers.authorization ?? '').split(' ')
  if (scheme === 'ApiKey' && keys.includes(value)) return null
  const [user = '', password] = Buffer.from(value, 'base64').toString().split(':')
  if (scheme === 'ApiKey')
    return refuse(
      401,
      'unable to authenticate with provided credentials and anonymous access is not allowed for this request',
    )
  if (users[user] === undefined || users[user] !== password) {
    return refuse(401, `unable to authenticate user [${user}] for REST request [${url}]`)
  }
  if (!readers.includes(user) || !isChange({ method, url })) return null
  return refuse(
    403,
    `action [cluster:admin/ilm/put] is unauthorized for user [${user}] with effective roles [viewer], this action is granted by the cluster privileges [manage_ilm,manage,all]`,
  )
}

function refuse(status: number, reason: string): Refusal {
  const error = { type: 'security_exception', reason }
  return { status, body: JSON.stringify({ error: { root_cause: [error], ...error }, status }) }
}

/** What is asked with a body is no change. */
function isChange({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  return method !== 'GET' && method !== 'HEAD' && !/\/_(?:simulate|search|analyze|count)/.test(url ?? '')
}

function withVersion(body: string, number: string): string {
  const answer = JSON.parse(body) as { readonly version: object }
  return JSON.stringify({ ...answer, version: { ...answer.version, number } })
}

function forward(
  { url, passesUsers = false }: GuardOptions,
  incoming: IncomingMessage,
  body: Buffer,
): Promise<{ readonly status: number; readonly body: string }> {
  const { authorization, host: _, connection: __, ...others } = incoming.headers
  const headers = passesUsers && authorization !== undefined ? { ...others, authorization } : others
  return new Promise((settle, reject) => {
    const call = request(new URL(incoming.url ?? '/', url), { method: incoming.method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => settle({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}
