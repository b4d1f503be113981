import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { PacketCutter } from './wire-packets.ts'

/** A program that answers in the place of a MySQL server, offers no TLS, and wants passwords. */
export interface FakeMysql {
  readonly port: number
  /** The passwords that it could read. */
  readonly passwords: readonly string[]
  /** All that clients sent. */
  readonly received: () => Buffer
  readonly close: () => void
}

const scramble = Buffer.from('abcdefghijklmnopqrst')

const packet = (sequence: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(4)
  header.writeUIntLE(payload.length, 0, 3)
  header[3] = sequence
  return Buffer.concat([header, payload])
}

/** Protocol 10 with everything that MySQL 8 offers, but for TLS (0x800). */
function greeting(method: string): Buffer {
  const capabilities = 0xffff_f7ff
  const fixed = Buffer.alloc(8 + 1 + 2 + 1 + 2 + 2 + 1 + 10)
  scramble.copy(fixed, 0, 0, 8)
  fixed.writeUInt16LE(capabilities & 0xffff, 9)
  fixed[11] = 255
  fixed.writeUInt16LE(2, 12)
  fixed.writeUInt16LE((capabilities >>> 16) & 0x7fff, 14)
  fixed[16] = scramble.length + 1
  const version = Buffer.from('\u000a9.7.4\0\u0001\0\0\0', 'latin1')
  return packet(0, Buffer.concat([version, fixed, scramble.subarray(8), Buffer.from(`\0${method}\0`)]))
}

/** Asks every client for its password by a method, and offers a key of its own to encrypt it with. */
export async function openFakeMysql(method: 'caching_sha2_password' | 'sha256_password'): Promise<FakeMysql> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = Buffer.concat([Buffer.from([1]), Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))])
  const passwords: string[] = []
  const received: Buffer[] = []
  const answer = (socket: Socket, sequence: number, payload: Buffer, step: number): void => {
    const asksKey = payload.length === 1 && (payload[0] === 1 || payload[0] === 2)
    if (step === 0) {
      socket.write(
        packet(sequence + 1, Buffer.concat([Buffer.from(`\u00fe${method}\0`, 'latin1'), scramble, Buffer.from([0])])),
      )
    } else if (asksKey) socket.write(packet(sequence + 1, key))
    else if (payload.length === 256) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING
      const masked = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, payload)
      const plain = masked.map((byte, index) => byte ^ (scramble[index % scramble.length] ?? 0))
      passwords.push(Buffer.from(plain).toString('utf8').replace(/\0$/, ''))
      socket.destroy()
    } else socket.write(packet(sequence + 1, Buffer.from([1, 4])))
  }
  const server = createServer((socket) => {
    const cutter = new PacketCutter()
    let step = 0
    socket.on('error', () => {})
    socket.on('data', (data) => {
      received.push(data)
      for (const one of cutter.take(data)) {
        answer(socket, one[3] ?? 0, one.subarray(4), step)
        step += 1
      }
    })
    socket.write(greeting(method))
  })
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done))
  const { port } = server.address() as AddressInfo
  return { port, passwords, received: () => Buffer.concat(received), close: () => server.close() }
}

/** Lets everybody in, and answers every query with a request for a file of the client, as no MySQL does. */
export async function openFileThief(
  file: string,
): Promise<{ readonly port: number; readonly received: () => Buffer; readonly close: () => void }> {
  const received: Buffer[] = []
  const granted = Buffer.from([0, 0, 0, 2, 0, 0, 0])
  const request = Buffer.concat([Buffer.from([0xfb]), Buffer.from(file)])
  const server = createServer((socket) => {
    const cutter = new PacketCutter()
    let isIn = false
    socket.on('error', () => {})
    socket.on('data', (data) => {
      received.push(data)
      for (const one of cutter.take(data)) {
        socket.write(packet((one[3] ?? 0) + 1, isIn ? request : granted))
        isIn = true
      }
    })
    socket.write(greeting('caching_sha2_password'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { port, received: () => Buffer.concat(received), close: () => server.close() }
}
