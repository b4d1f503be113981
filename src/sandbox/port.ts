import { createServer } from 'node:net'

/** True when a server could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer()
    server.once('error', () => settle(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => settle(true)))
  })
}
