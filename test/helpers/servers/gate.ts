import { connect, createServer, type Socket } from 'node:net'
import { freePort } from './ports.ts'

/** A TCP proxy on 127.0.0.1 that can be shut: what runs through it is broken off, and nothing new gets in. */
export interface Gate {
  readonly port: number
  /** How many connections run through it. */
  readonly passing: () => number
  readonly shut: () => void
  readonly open: () => void
  readonly close: () => void
}

/** @param onPacket called with all that a client sends, before it is passed on; `drop` keeps it, and all that follows on that connection. */
export async function startGate(
  target: number,
  onPacket: (packet: Buffer) => 'pass' | 'drop' = () => 'pass',
): Promise<Gate> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let isOpen = true
  const server = createServer((inner) => {
    if (!isOpen) {
      inner.destroy()
      return
    }
    const outer = connect(target, '127.0.0.1')
    let dead = false
    inner.on('data', (packet) => {
      dead ||= onPacket(packet) === 'drop'
      if (!dead) outer.write(packet)
    })
    outer.pipe(inner)
    for (const socket of [inner, outer]) socket.on('error', () => {})
    inner.once('close', () => {
      sockets.delete(inner)
      outer.destroy()
    })
    outer.once('close', () => inner.destroy())
    sockets.add(inner)
  })
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))
  return {
    port,
    passing: () => sockets.size,
    shut: () => {
      isOpen = false
      cut()
    },
    open: () => {
      isOpen = true
    },
    close: () => {
      cut()
      server.close()
    },
  }
}
