import { text } from 'node:stream/consumers'
import type { Client } from '@elastic/elasticsearch'
import {
  AnswerError,
  explainError,
  explainReadError,
  isMissing,
  isUnauthenticated,
  isUnknownEndpoint,
} from './errors.ts'

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
  /** The same for documents: a number that JavaScript would change is `{ number: '9007199254740993' }`. */
  readonly askExactly: (what: string, path: string, body: unknown, query?: Query) => Promise<unknown>
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
    askExactly: (what, path, body, query = {}) => {
      const params = { method: 'POST', path, body: body as object, querystring: query }
      return read(what, readExactly(client, params))
    },
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

/** The library parses an answer itself, unless it is asked for a stream; then it does not look at the status either. */
async function readExactly(client: Client, params: Parameters<Client['transport']['request']>[0]): Promise<unknown> {
  const { body, statusCode } = await client.transport.request<NodeJS.ReadableStream>(params, {
    asStream: true,
    meta: true,
    maxRetries: 2,
  })
  const answer = await text(body)
  if (statusCode !== undefined && statusCode >= 400) throw new AnswerError(statusCode, parseUnlessText(answer))
  return parseExactly(answer)
}

/** Where a proxy answers, it is no JSON. */
function parseUnlessText(answer: string): unknown {
  try {
    return JSON.parse(answer)
  } catch {
    return answer
  }
}

/** Strings and numbers of a JSON text. */
const scalars = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g

/** Parses JSON without changing a number: one that JavaScript would write otherwise becomes `{ number: '1.0' }`. */
export function parseExactly(json: string): unknown {
  const kept = json.replaceAll(scalars, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `{"number":"${token}"}`,
  )
  return JSON.parse(kept)
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
