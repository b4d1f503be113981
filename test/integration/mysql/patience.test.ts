import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { ServerConfig } from '../../../src/config/config.ts'
import { noServer } from '../../../src/config/server.ts'
import { connect } from '../../../src/mysql/connection.ts'
import { testServer } from '../../helpers/servers/servers.ts'

function server(port?: number): ServerConfig {
  const url = new URL(testServer().url)
  return { ...noServer, user: 'root', host: url.hostname, port: port ?? Number(url.port) }
}

/** Keeps this thread busy, as the reading of 20,000 tables does. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('a server that answered while this process was busy is not called late', async () => {
  const connecting = connect(server(), null, 400)
  work(1500)
  const connection = await connecting
  work(1500)
  expect((await connection.ask('SELECT 1')).rows).toEqual([[1]])
  await connection.close()
})

test('a server that says nothing is given up after the time, and the process ends', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const started = performance.now()
  await expect(connect(server(port), null, 400)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    faults: [{ why: 'It did not answer in time.' }],
  })
  const took = performance.now() - started
  expect(took).toBeGreaterThan(350)
  expect(took).toBeLessThan(10_000)
  await expect.poll(() => sockets.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
})
