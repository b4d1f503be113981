import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '../servers/ports.ts'

const wireVersion = Buffer.from('maxWireVersion\0')

/** MongoDB 5.0 speaks up to this version of the protocol. */
const wireOf5 = 13

/**
 * Stands before a real server and makes it look like MongoDB 5.0: in what it says of itself, the version of its protocol and its own
 * are rewritten. No such server can be had everywhere.
 */
export async function startOlderMongodb(
  port: number,
  version: string,
): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => client.write(age(chunk, version)))
    upstream.on('close', () => client.destroy())
  })
  const own = await freePort()
  await new Promise<void>((settle) => server.listen(own, '127.0.0.1', settle))
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((settle) => server.close(settle))
  }
  return { address: `127.0.0.1:${own}`, stop }
}

function age(chunk: Buffer, version: string): Buffer {
  const aged = Buffer.from(chunk)
  const at = aged.indexOf(wireVersion)
  if (at >= 0) aged.writeInt32LE(wireOf5, at + wireVersion.length)
  const text = Buffer.from(`${version}\0`)
  for (let found = aged.indexOf(text); found >= 0; found = aged.indexOf(text, found + 1)) aged.write('5', found)
  return aged
}
