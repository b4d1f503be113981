import type { Client } from '@elastic/elasticsearch'
import { explainError, explainReadError, isMissing, isUnauthenticated, isUnknownEndpoint } from './errors.ts'

type Query = Readonly<Record<string, string | number | boolean>>

interface Sending {
  readonly body?: unknown
  /** Lines of a bulk request, instead of a body. */
  readonly lines?: readonly object[]
  readonly query?: Query
  /** How often it is sent again when a connection fails. Default: twice. */
  readonly repeats?: number
  /** Instead of the client's user. */
  readonly as?: Credentials
}

interface Credentials {
  readonly name: string
  readonly password: string
}

/** Requests whose failures are explained in sentences; `what` names the request in them. */
export interface Requests {
  readonly server: string
  /** @param what such as "read the nodes". */
  readonly get: (what: string, path: string, query?: Query) => Promise<unknown>
  /** The first request to a server: each of its hosts is tried once. */
  readonly greet: (what: string, path: string) => Promise<unknown>
  /** Null where the resource, or the endpoint, does not exist. */
  readonly find: (what: string, path: string, query?: Query) => Promise<unknown>
  /** The same as another user; also null where that user's login is refused. */
  readonly findAs: (as: Credentials, what: string, path: string) => Promise<unknown>
  readonly ask: (what: string, path: string, body?: unknown) => Promise<unknown>
  readonly send: (what: string, method: 'PUT' | 'POST' | 'DELETE', path: string, sending?: Sending) => Promise<unknown>
}

/** All paths are passed ready-made; names in them with {@link pathOf}. */
export function createRequests(client: Client, server: string, hosts: number): Requests {
  const request = (
    method: string,
    path: string,
    { body, lines, query, repeats = 2, as }: Sending = {},
  ): Promise<unknown> =>
    client.transport.request(
      {
        method,
        path,
        ...(body === undefined ? {} : { body: body as object }),
        ...(lines === undefined ? {} : { bulkBody: [...lines] }),
        ...(query ? { querystring: query } : {}),
      },
      { maxRetries: repeats, ...(as === undefined ? {} : { headers: { authorization: basic(as) } }) },
    )
  const read = async (what: string, answer: Promise<unknown>): Promise<unknown> => {
    return answer.catch((error: unknown) => {
      throw explainReadError(error, server, what)
    })
  }
  return {
    server,
    greet: (what, path) => read(what, request('GET', path, { repeats: hosts - 1 })),
    get: (what, path, query = {}) => read(what, request('GET', path, { query })),
    find: async (what, path, query = {}) => {
      try {
        return await request('GET', path, { query })
      } catch (error) {
        if (isMissing(error) || isUnknownEndpoint(error)) return null
        throw explainReadError(error, server, what)
      }
    },
    findAs: async (as, what, path) => {
      try {
        return await request('GET', path, { as })
      } catch (error) {
        if (isUnauthenticated(error)) return null
        throw explainReadError(error, server, what)
      }
    },
    ask: (what, path, body) => read(what, request('POST', path, { body })),
    send: async (what, method, path, sending = {}) => {
      try {
        return await request(method, path, sending)
      } catch (error) {
        forgetBody(error)
        throw explainError(error, server, what)
      }
    },
  }
}

/** The library's error keeps what was sent, which may be a password and must never be printed. */
function forgetBody(error: unknown): void {
  let found: unknown = error
  for (const key of ['meta', 'meta', 'request', 'params']) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined
  }
  if (typeof found === 'object' && found !== null) Reflect.deleteProperty(found, 'body')
}

/** Joins parts of a path; a name in it cannot become another part. */
export function pathOf(...parts: readonly string[]): string {
  return `/${parts.map((part) => encodeURIComponent(part)).join('/')}`
}

function basic({ name, password }: Credentials): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}
