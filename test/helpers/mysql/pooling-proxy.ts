import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { createConnection } from 'mysql2/promise'
import { AnswerReader, commandBytes, PacketCutter, readText, wantsNoEof } from './wire-packets.ts'

/**
 * Which server connection a command of a client gets:
 * - `rotating`    the next of the pool for every command (multiplexing under load)
 * - `latest`      the one that was given back last (multiplexing while it is quiet)
 * - `transaction` the next of the pool, kept until the transaction ends
 * - `connection`  its own, from login to logout
 */
export type Pooling = 'rotating' | 'latest' | 'transaction' | 'connection'

export interface PoolingProxy {
  readonly port: number
  /** Every text that any client sent, in order. */
  readonly texts: readonly string[]
  readonly close: () => Promise<void>
}

interface Backend {
  readonly socket: Socket
  readonly cutter: PacketCutter
  readonly noEof: boolean
}

const inTransaction = 0x0001

/**
 * A proxy before a MySQL server that shares connections among its clients as ProxySQL's multiplexing does. Each login goes
 * through to the server, and the connection that it makes joins the pool; `size` of them are there from the start. All
 * clients must be alike: same user, no TLS, the same protocol flags.
 */
export async function openPoolingProxy(serverUrl: string, pooling: Pooling, size = 3): Promise<PoolingProxy> {
  const pool = new Pool(Number(new URL(serverUrl).port), pooling)
  const server = createServer({ noDelay: true }, (client) => pool.serve(client))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const warming = await Promise.all(
    Array.from({ length: size }, () =>
      createConnection({ uri: serverUrl, port, flags: ['-LOCAL_FILES'], multipleStatements: true }),
    ),
  )
  for (const connection of warming) await connection.end()
  return { port, texts: pool.texts, close: () => closeAll(server, pool) }
}

function closeAll(server: Server, pool: Pool): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    pool.destroy()
  })
}

class Pool {
  readonly texts: string[] = []
  readonly #serverPort: number
  readonly #pooling: Pooling
  readonly #idle: Backend[] = []
  readonly #waiting: ((backend: Backend) => void)[] = []
  readonly #sockets = new Set<Socket>()

  constructor(serverPort: number, pooling: Pooling) {
    this.#serverPort = serverPort
    this.#pooling = pooling
  }

  serve(client: Socket): void {
    this.#keep(client)
    client.on('error', () => client.destroy())
    this.#logIn(client)
      .then((backend) => this.#work(client, backend))
      .catch(() => client.destroy())
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** Passes greeting and login on until the server says OK: from then on the connection is the pool's. */
  #logIn(client: Socket): Promise<Backend> {
    const socket = connect({ host: '127.0.0.1', port: this.#serverPort, noDelay: true })
    this.#keep(socket)
    const [fromClient, fromServer] = [new PacketCutter(), new PacketCutter()]
    let answered = false
    let noEof = false
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      client.on('data', (data) => {
        for (const packet of fromClient.take(data)) {
          if (!answered) noEof = wantsNoEof(packet.subarray(4))
          answered = true
          socket.write(packet)
        }
      })
      socket.on('data', (data) => {
        for (const packet of fromServer.take(data)) {
          if (answered && packet[4] === 0x00) {
            for (const one of [client, socket]) one.removeAllListeners('data')
            resolve({ socket, cutter: fromServer, noEof })
          }
          client.write(packet)
        }
      })
    })
  }

  #work(client: Socket, own: Backend): void {
    const cutter = new PacketCutter()
    let mine: Backend | null = this.#pooling === 'connection' ? own : null
    if (mine === null) this.#giveBack(own)
    let queue = Promise.resolve()
    const command = async (packet: Buffer): Promise<void> => {
      if (packet[4] === commandBytes.quit) return void client.end()
      if (packet[4] === commandBytes.query) this.texts.push(readText(packet.subarray(4)))
      const backend = mine ?? (await this.#take())
      const status = await exchange(client, backend, packet)
      const keeps =
        this.#pooling === 'connection' || (this.#pooling === 'transaction' && (status & inTransaction) !== 0)
      mine = keeps ? backend : null
      if (!keeps) this.#giveBack(backend)
    }
    client.on('data', (data) => {
      for (const packet of cutter.take(data))
        queue = queue.then(() => command(packet)).catch(() => void client.destroy())
    })
    client.on('close', () => {
      // A connection of the client's own ends with it; one in a transaction is thrown away, as proxies do.
      mine?.socket.destroy()
    })
  }

  #take(): Promise<Backend> {
    const backend = this.#pooling === 'latest' ? this.#idle.pop() : this.#idle.shift()
    return backend === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(backend)
  }

  #giveBack(backend: Backend): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(backend)
    else next(backend)
  }
}

/** Sends a command and passes the whole answer on; returns the status flags it ended with. */
function exchange(client: Socket, backend: Backend, packet: Buffer): Promise<number> {
  const reader = new AnswerReader(backend.noEof)
  const { socket, cutter } = backend
  return new Promise((resolve, reject) => {
    const stop = (): void => void socket.off('data', listen).off('close', fail)
    const fail = (): void => reject(new Error('the server closed the connection'))
    const listen = (data: Buffer): void => {
      for (const part of cutter.take(data)) {
        client.write(part)
        if (!reader.read(part.subarray(4))) continue
        stop()
        resolve(reader.status)
      }
    }
    socket.on('data', listen).on('close', fail)
    socket.write(packet)
  })
}
