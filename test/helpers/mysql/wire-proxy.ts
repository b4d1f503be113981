import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { AnswerReader, commandBytes, PacketCutter, readText, readThreadId, wantsNoEof } from './wire-packets.ts'

/** Where in the life of a command a test may inject. */
export type Moment =
  /** The client has sent it, the server knows nothing of it. */
  | 'before'
  /** The server has it, no answer was waited for. */
  | 'sent'
  /** The server has answered in full, the client knows nothing of it. */
  | 'answered'

export const moments: readonly Moment[] = ['before', 'sent', 'answered']

/** A command that a client sent. */
export interface WireCommand {
  /** Connections through this proxy are counted from 1. */
  readonly connection: number
  /** The connection's number on the server. */
  readonly threadId: number
  /** Commands of a connection are counted from 1. */
  readonly index: number
  /** The text of a query; empty for other commands. */
  readonly text: string
}

/**
 * Called at every moment of every command; the proxy holds everything of that connection until it returns. `drop` keeps what
 * was to be passed on next: the one whom it came from, or was for, is dead.
 */
export type OnMoment = (command: WireCommand, moment: Moment) => Promise<'pass' | 'drop'>

export interface WireProxy {
  readonly port: number
  /** Returns when no connection is left. */
  readonly close: () => Promise<void>
}

/**
 * Stands between the tool and a MySQL server and understands enough of the protocol to stop everything at an exact point of
 * an exact command, so that tests need no hooks in the tool. No TLS, no compression, no prepared statements of the binary
 * protocol, no packets of 16 MB: a client that uses one is cut off.
 */
export async function openWireProxy(serverPort: number, onMoment: OnMoment): Promise<WireProxy> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port: serverPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    connections += 1
    const link = new Link(client, upstream, connections, onMoment)
    link.join()
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** One client's connection and the server's end of it. */
class Link {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #connection: number
  readonly #onMoment: OnMoment
  readonly #fromClient = new PacketCutter()
  readonly #fromServer = new PacketCutter()
  #threadId = 0
  #noEof = false
  #commands = 0
  #answer: AnswerReader | null = null
  #held: Buffer[] = []
  #current: WireCommand | null = null
  /** Everything of this connection happens one after another, in the order in which it arrived. */
  #queue: Promise<void> = Promise.resolve()

  constructor(client: Socket, upstream: Socket, connection: number, onMoment: OnMoment) {
    this.#client = client
    this.#upstream = upstream
    this.#connection = connection
    this.#onMoment = onMoment
  }

  join(): void {
    this.#client.on('data', (data) => {
      for (const packet of this.#fromClient.take(data)) this.#enqueue(() => this.#takeFromClient(packet))
    })
    this.#upstream.on('data', (data) => {
      for (const packet of this.#fromServer.take(data)) this.#enqueue(() => this.#takeFromServer(packet))
    })
    // The end of one side is passed to the other in its turn, as the kernel would: what was sent before is read before it.
    this.#client.on('end', () => this.#enqueue(() => void this.#upstream.end()))
    this.#upstream.on('end', () => this.#enqueue(() => void this.#client.end()))
    this.#client.on('error', () => this.#upstream.end())
    this.#upstream.on('error', () => this.#client.destroy())
  }

  #enqueue(work: () => Promise<void> | void): void {
    this.#queue = this.#queue.then(work).catch(() => {
      this.#client.destroy()
      this.#upstream.destroy()
    })
  }

  async #takeFromClient(packet: Buffer): Promise<void> {
    const payload = packet.subarray(4)
    if (packet[3] !== 0 || this.#threadId === 0) {
      if (packet[3] === 1) this.#noEof = wantsNoEof(payload)
      return send(this.#upstream, packet)
    }
    if (payload[0] === commandBytes.quit) return send(this.#upstream, packet)
    this.#commands += 1
    const command: WireCommand = {
      connection: this.#connection,
      threadId: this.#threadId,
      index: this.#commands,
      text: payload[0] === commandBytes.query ? readText(payload) : '',
    }
    if ((await this.#onMoment(command, 'before')) === 'drop') return
    this.#current = command
    this.#answer = new AnswerReader(this.#noEof)
    await send(this.#upstream, packet)
    await this.#onMoment(command, 'sent')
  }

  async #takeFromServer(packet: Buffer): Promise<void> {
    const payload = packet.subarray(4)
    if (this.#threadId === 0 && packet[3] === 0 && payload[0] === 10) this.#threadId = readThreadId(payload)
    if (this.#answer === null || this.#current === null) return send(this.#client, packet)
    this.#held.push(packet)
    if (!this.#answer.read(payload)) return
    const answer = Buffer.concat(this.#held)
    const command = this.#current
    this.#held = []
    this.#answer = null
    this.#current = null
    if ((await this.#onMoment(command, 'answered')) === 'pass') await send(this.#client, answer)
  }
}

/** Returns when the kernel has taken it; a peer that is gone takes nothing. */
function send(socket: Socket, data: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.writableEnded) resolve()
    else socket.write(data, () => resolve())
  })
}
