import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { freePort } from '../servers/ports.ts'
import type { TestInfluxdb } from './influxdb-server.ts'

/** A way to a server that closes over a chosen request: the server has done it, and who asked for it never hears. */
export interface InfluxTrap {
  readonly port: number
  /** Resolves when that request was done; its answer is held back for ever. */
  readonly sprung: Promise<void>
  readonly close: () => void
}

/**
 * @param word method and the beginning of the path: `POST /api/v2/buckets`.
 * @param number which of these requests, counted from 1.
 * @param arrives false for one that never gets to the server.
 */
export async function setInfluxTrap(
  server: Pick<TestInfluxdb, 'port'>,
  word: string,
  number = 1,
  arrives = true,
): Promise<InfluxTrap> {
  const port = await freePort()
  let spring = (): void => undefined
  const sprung = new Promise<void>((done) => {
    spring = done
  })
  let left = number
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (`${incoming.method} ${incoming.url}`.startsWith(word)) left -= 1
    const isIt = left === 0
    if (isIt) left = Number.POSITIVE_INFINITY
    if (isIt && !arrives) return spring()
    const { status, headers, body } = await forward(server.port, incoming)
    if (isIt) spring()
    else outgoing.writeHead(status, headers).end(body)
  }
  const trap = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((done) => trap.listen(port, '127.0.0.1', done))
  return {
    port,
    sprung,
    close: () => {
      trap.closeAllConnections()
      trap.close()
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

async function forward(port: number, incoming: IncomingMessage): Promise<Answer> {
  const { method, url, headers } = incoming
  const body = await buffer(incoming)
  return new Promise((done, fail) => {
    const call = request({ port, host: '127.0.0.1', method, path: url, headers }, (response) => {
      buffer(response).then(
        (text) => done({ status: response.statusCode ?? 502, headers: response.headers, body: text }),
        fail,
      )
    })
    call.once('error', fail)
    call.end(body)
  })
}
