import { connect } from 'node:net'

/** What a server says before anybody logs in: its version, or why it takes no connection. */
export type Greeting =
  | { readonly type: 'server'; readonly version: string }
  | { readonly type: 'refusal'; readonly message: string }
  | { readonly type: 'silence' }

const silence: Greeting = { type: 'silence' }
const stranger: Greeting = { type: 'refusal', message: 'what answers there is not a MySQL server' }

/**
 * Reads the first packet of a MySQL server (protocol 10: four bytes of header, the number 10, the version up to a NUL).
 * It needs no driver and no password, and a server sends it only once it is ready for connections.
 */
export function parseGreeting(packet: Buffer): Greeting | null {
  if (packet.length < 5) return null
  if (packet[4] !== 10 && packet[4] !== 0xff) return stranger
  const end = 4 + packet.readUIntLE(0, 3)
  if (packet.length < end) return null
  if (packet[4] === 0xff) return { type: 'refusal', message: packet.subarray(7, end).toString() }
  const versionEnd = packet.indexOf(0, 5)
  if (versionEnd < 0 || versionEnd >= end) return stranger
  return { type: 'server', version: packet.subarray(5, versionEnd).toString('latin1') }
}

/** Asks whoever listens there for a greeting; `silence` when nobody listens or nothing is said in time (milliseconds). */
export function readGreeting(
  address: { readonly host: string; readonly port: number } | { readonly path: string },
  timeout: number,
): Promise<Greeting> {
  return new Promise((settle) => {
    const socket = connect(address)
    let received = Buffer.alloc(0)
    const end = (greeting: Greeting): void => {
      socket.destroy()
      settle(greeting)
    }
    socket.setTimeout(timeout, () => end(silence))
    socket.on('error', () => end(silence))
    socket.on('close', () => end(silence))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const greeting = parseGreeting(received)
      if (greeting !== null) end(greeting)
    })
  })
}
