import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

const comQuery = 3

/** A door in front of a MySQL server that notes down the text of every query that goes through it. */
export interface QueryRecorder {
  readonly port: number
  /** The queries since the last call, in the order in which they arrived. */
  readonly take: () => string[]
  /** The connections that were opened so far. */
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** Opens the door. Clients must not use TLS, and are taken to send query attributes, as `mysql` does since 8.0.23. */
export async function recordQueries(url: string): Promise<QueryRecorder> {
  const target = new URL(url)
  let queries: string[] = []
  let connections = 0
  const server = createServer((client) => {
    connections += 1
    const upstream = connect(Number(target.port), target.hostname)
    const packets = new PacketReader((payload) => {
      if (payload[0] === comQuery) queries.push(readQuery(payload))
    })
    client.on('data', (data) => packets.read(data))
    join(client, upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const take = (): string[] => {
    const taken = queries
    queries = []
    return taken
  }
  const { port } = server.address() as AddressInfo
  return { port, take, connections: () => connections, close: () => close(server) }
}

function join(client: Socket, upstream: Socket): void {
  client.pipe(upstream)
  upstream.pipe(client)
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** The command, no parameters (0), one set of them (1), then the text. */
function readQuery(payload: Buffer): string {
  const hasAttributes = payload[1] === 0 && payload[2] === 1
  return payload.toString('utf8', hasAttributes ? 3 : 1)
}

/** Cuts a client's stream into packets: three bytes of length, a number, the payload. */
class PacketReader {
  readonly #onPacket: (payload: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onPacket: (payload: Buffer) => void) {
    this.#onPacket = onPacket
  }

  read(data: Buffer): void {
    let rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
      const end = 4 + rest.readUIntLE(0, 3)
      // The answer to the greeting (number 1) may begin with any byte; commands have number 0.
      if (rest[3] === 0) this.#onPacket(rest.subarray(4, end))
      rest = rest.subarray(end)
    }
    this.#rest = rest
  }
}
