import { connect } from 'node:net'
import { ToolError } from '../core/tool-error.ts'
import type { SandboxState } from './folder.ts'
import { isSupported, parseVersion } from './mysql-program.ts'

/**
 * The first packet of a server, before any login: its version, or why it refuses connections. `silence` when nothing arrived in time.
 */
export type Handshake =
  | { readonly type: 'server'; readonly version: string }
  | { readonly type: 'refusal'; readonly message: string }
  | { readonly type: 'silence' }

const silence: Handshake = { type: 'silence' }
const otherServer: Handshake = { type: 'refusal', message: 'it is not a MySQL server' }

/**
 * Reads the first packet of a MySQL server (protocol 10: four bytes of header, the number 10, the version up to a NUL).
 * It needs no driver and no password, and a server sends it only once it is ready for connections.
 */
export function parseHandshake(packet: Buffer): Handshake | null {
  if (packet.length < 5) return null
  if (packet[4] !== 10 && packet[4] !== 0xff) return otherServer
  const end = 4 + packet.readUIntLE(0, 3)
  if (packet.length < end) return null
  if (packet[4] === 0xff) return { type: 'refusal', message: packet.subarray(7, end).toString() }
  const versionEnd = packet.indexOf(0, 5)
  if (versionEnd < 0 || versionEnd >= end) return otherServer
  return { type: 'server', version: packet.subarray(5, versionEnd).toString('latin1') }
}

/** Reads the first packet of the server at this address; `silence` when none listens there or nothing comes in time (milliseconds). */
export function readHandshake(
  address: { readonly host: string; readonly port: number } | { readonly path: string },
  timeout: number,
): Promise<Handshake> {
  return new Promise((settle) => {
    const socket = connect(address)
    let received = Buffer.alloc(0)
    const end = (handshake: Handshake): void => {
      socket.destroy()
      settle(handshake)
    }
    socket.setTimeout(timeout, () => end(silence))
    socket.on('error', () => end(silence))
    socket.on('close', () => end(silence))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const handshake = parseHandshake(received)
      if (handshake !== null) end(handshake)
    })
  })
}

/**
 * Inspects a server that the user named: nothing is started, and its password is neither used nor kept.
 * @throws ToolError UNREACHABLE (exit 69) when it does not answer, SANDBOX_FAILED when it is not MySQL 8 or later.
 */
export async function inspectGiven(url: string): Promise<SandboxState> {
  const parsed = new URL(url)
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = Number(parsed.port || 3306)
  const socket = parsed.searchParams.get('socket')
  const server = socket ?? `${host}:${port}`
  const handshake = await readHandshake(socket === null ? { host, port } : { path: socket }, 10_000)
  if (handshake.type !== 'server') {
    throw new ToolError('UNREACHABLE', {
      what: `No MySQL answers at ${server}.`,
      where: { server },
      ...(handshake.type === 'refusal' ? { why: handshake.message } : {}),
      next: 'Start it, correct `sandbox.url`, or remove that setting so that a server is started.',
    })
  }
  const version = parseVersion(handshake.version)
  if (!isSupported(version)) {
    throw new ToolError('SANDBOX_FAILED', {
      what: `The server at ${server} is ${handshake.version}; wwdb needs MySQL 8 or later.`,
      where: { server },
      next: 'Set another server in `sandbox.url`, or remove that setting so that a server is started.',
    })
  }
  return {
    provider: 'url',
    host,
    port,
    socket,
    version: version.text,
    password: null,
    bin: null,
    pid: null,
    container: null,
  }
}
