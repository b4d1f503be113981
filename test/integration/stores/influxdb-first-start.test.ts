import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { applyAll, metricsDeclaration, openInfluxSession } from '../../helpers/influxdb/influxdb-session.ts'

/**
 * A way to a server that does not know the token for the first requests that use it: so answers one that another run is setting up, which is no
 * longer fresh before its token is made.
 */
async function delayToken(
  target: number,
  denied: number,
): Promise<{ readonly url: string; readonly close: () => void }> {
  let left = denied
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.headers.authorization !== undefined && left > 0) {
      left -= 1
      outgoing.writeHead(401, { 'content-type': 'application/json' })
      outgoing.end(JSON.stringify({ code: 'unauthorized', message: 'unauthorized access' }))
      return
    }
    const { method, url, headers } = incoming
    const forward = request({ port: target, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forward.once('error', () => outgoing.destroy())
    incoming.pipe(forward)
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  const { port } = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

describeInfluxdb('an InfluxDB that another run is setting up', () => {
  const server = withInfluxdb()
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-influxdb-start-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is asked again until it knows the token, also for the lock of setup', async () => {
    const { label } = server()
    const declaration = metricsDeclaration(folder)
    const first = openInfluxSession(server(), { declaration })
    await applyAll(first)
    await first.close()
    for (const ask of ['lock', 'readLock', 'plan'] as const) {
      const way = await delayToken(server().port, 3)
      const session = openInfluxSession({ url: way.url, label }, { declaration })
      const answer = await (ask === 'lock' ? session.lock(0) : session[ask]())
      if (ask === 'lock') expect(answer).toBe(true)
      await session.close()
      way.close()
    }
  })

  it('is not asked for ever: a token that it never comes to know is refused', async () => {
    const way = await delayToken(server().port, 1000)
    const session = openInfluxSession(
      { url: way.url, label: server().label },
      { declaration: metricsDeclaration(folder) },
    )
    await expect(session.lock(0)).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' })
    await session.close()
    way.close()
  })
})
