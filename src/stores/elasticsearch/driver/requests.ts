import type { Client } from '@elastic/elasticsearch'
import { type Doing, explain, isMissing, isUnknownEndpoint } from './server-errors.ts'

type Query = Readonly<Record<string, string | number | boolean>>

interface Sending {
  readonly body?: unknown
  readonly query?: Query
  /** How often it is sent again when a connection fails. Default: twice. */
  readonly repeats?: number
}

/** Requests whose failures are told in sentences. */
export interface Requests {
  readonly server: string
  /** An answer; `what` is for the sentence: "look up the nodes". */
  readonly get: (what: string, path: string, query?: Query) => Promise<unknown>
  /** The first question to a server: each of its hosts is tried once. */
  readonly greet: (what: string, path: string) => Promise<unknown>
  /** Null where there is no such thing, or no such endpoint. */
  readonly find: (what: string, path: string, query?: Query) => Promise<unknown>
  readonly ask: (what: string, path: string, body?: unknown) => Promise<unknown>
  readonly send: (what: string, method: 'PUT' | 'POST' | 'DELETE', path: string, sending?: Sending) => Promise<unknown>
}

/** All paths are given ready; names in them with {@link pathOf}. */
export function createRequests(client: Client, server: string, hosts: number): Requests {
  const request = async (doing: Doing, method: string, path: string, sending: Sending = {}): Promise<unknown> => {
    const { body, query, repeats = 2 } = sending
    try {
      return await client.transport.request(
        {
          method,
          path,
          ...(body === undefined ? {} : { body: body as object }),
          ...(query ? { querystring: query } : {}),
        },
        { maxRetries: repeats },
      )
    } catch (error) {
      if (isMissing(error) || isUnknownEndpoint(error)) throw error
      throw explain(error, doing, server)
    }
  }
  const look = (what: string): Doing => ({ what, kind: 'look' })
  const told = async <T>(doing: Doing, answer: Promise<T>): Promise<T> => {
    return answer.catch((error: unknown) => {
      throw explain(error, doing, server)
    })
  }
  return {
    server,
    greet: (what, path) => told(look(what), request(look(what), 'GET', path, { repeats: hosts - 1 })),
    get: (what, path, query = {}) => told(look(what), request(look(what), 'GET', path, { query })),
    find: async (what, path, query = {}) => {
      try {
        return await request(look(what), 'GET', path, { query })
      } catch (error) {
        if (isMissing(error) || isUnknownEndpoint(error)) return null
        throw error
      }
    },
    ask: (what, path, body) => told(look(what), request(look(what), 'POST', path, { body })),
    send: (what, method, path, sending = {}) => {
      const doing: Doing = { what, kind: 'change' }
      return told(doing, request(doing, method, path, sending))
    },
  }
}

/** Joins parts of a path; what is in a name can be no part of another. */
export function pathOf(...parts: readonly string[]): string {
  return `/${parts.map((part) => encodeURIComponent(part)).join('/')}`
}
