import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { env, execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { commandLine } from '../../../src/sandbox/process.ts'
import { inspectStores, readStores, startStores, stopStores } from '../../../src/stores/sandbox/sandbox-stores.ts'
import { freePorts } from '../../helpers/servers/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'wwdb-store-programs-'))
const directory = join(folder, 'sandbox')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

afterEach(async () => {
  await stopStores(directory, { remove: true })
  vi.unstubAllEnvs()
})

async function up(store: 'elasticsearch' | 'influxdb' | 'redis', port: number): Promise<readonly string[]> {
  const messages: string[] = []
  const emit = (event: RunEvent): void => {
    if (event.type === 'progress') messages.push(event.message)
  }
  await startStores([store], { directory, port, interrupted: () => false, emit })
  return messages
}

describe('a store of the sandbox', () => {
  it('runs from the program on PATH, with the options of the real one', async () => {
    const program = join(folder, 'bin', 'elasticsearch')
    mkdirSync(join(folder, 'bin'))
    const script = `#!/bin/sh
[ "$1" = --version ] && { echo 'Version: 8.19.2, Build: tar/x, JVM: 21'; exit; }
exec '${execPath}' -e '
  const option = (name) => process.argv.find((word) => word.startsWith(name + "=")).slice(name.length + 1)
  require("node:http").createServer((_, answer) => answer.end("{}")).listen(Number(option("http.port")), option("network.host"))
' -- "$@"
`
    writeFileSync(program, script)
    chmodSync(program, 0o755)
    vi.stubEnv('PATH', [join(folder, 'bin'), env['PATH']].join(delimiter))
    const port = await freePorts(60)
    expect(await up('elasticsearch', port)).toEqual(['Starting elasticsearch 8.19.2 (the program on PATH).'])
    const [report] = await inspectStores(directory)
    expect(report).toEqual({ store: 'elasticsearch', state: 'running', version: '8.19.2', ports: [port + 40] })
    const pid = (await readStores(directory))?.stores.elasticsearch?.nodes[0]?.pid ?? 0
    const words = await commandLine(pid)
    expect(words).toContain('discovery.type=single-node')
    expect(words).toContain('xpack.security.enabled=false')
    await stopStores(directory, { remove: false })
    expect((await inspectStores(directory))[0]?.state).toBe('stopped')
    expect(await commandLine(pid)).toEqual([])
  })

  it('runs in a container where there is no program and a Docker engine answers, and keeps it when stopped', async () => {
    // Neither a program nor the tools to build one.
    vi.stubEnv('PATH', join(folder, 'nothing'))
    vi.stubEnv('WWDB_CACHE_DIR', join(folder, 'cache'))
    const engine = await openEngine()
    vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${engine.port}`)
    try {
      const port = await freePorts(60)
      expect(await up('influxdb', port)).toContain(
        'Pulling the image influxdb:2.7 with Docker, once (several hundred MB).',
      )
      expect(engine.created[0]).toMatchObject({
        Image: 'influxdb:2.7',
        HostConfig: { PortBindings: { '8086/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port + 30) }] } },
      })
      expect(await inspectStores(directory)).toMatchObject([{ state: 'running', version: '2.7' }])
      await stopStores(directory, { remove: false })
      expect(await inspectStores(directory)).toMatchObject([{ state: 'stopped' }])
      await up('influxdb', port)
      expect(engine.created).toHaveLength(1)
      expect(await inspectStores(directory)).toMatchObject([{ state: 'running' }])
      await stopStores(directory, { remove: true })
      expect(engine.containers).toEqual([])
    } finally {
      await engine.close()
    }
  })

  it('is refused with what to install where there is neither a program nor Docker', async () => {
    vi.stubEnv('PATH', join(folder, 'nothing'))
    vi.stubEnv('WWDB_CACHE_DIR', join(folder, 'cache'))
    vi.stubEnv('DOCKER_HOST', `unix://${join(folder, 'missing.sock')}`)
    for (const store of ['influxdb', 'elasticsearch'] as const) {
      await expect(up(store, await freePorts(60))).rejects.toMatchObject({
        code: 'SANDBOX_UNAVAILABLE',
        faults: [{ next: expect.stringContaining('start Docker') }],
      })
    }
    await expect(up('redis', await freePorts(60))).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' })
  })
})

/** A Docker engine that knows containers by their names; what runs in them is a server that answers everything. */
async function openEngine() {
  const created: unknown[] = []
  const servers = new Map<string, Server | null>()
  const ports = new Map<string, number>()
  const answer = async (request: IncomingMessage): Promise<readonly [number, unknown]> => {
    const url = new URL(request.url ?? '/', 'http://docker')
    const [, kind, name = '', action] = url.pathname.split('/')
    if (kind === '_ping') return [200, 'OK']
    if (kind === 'images') return name === 'create' ? [200, {}] : [404, { message: 'no such image' }]
    if (name === 'create') {
      const id = url.searchParams.get('name') ?? ''
      const content = JSON.parse(await text(request)) as {
        readonly HostConfig: { readonly PortBindings: Record<string, readonly { readonly HostPort: string }[]> }
      }
      created.push(content)
      servers.set(id, null)
      ports.set(id, Number(Object.values(content.HostConfig.PortBindings)[0]?.[0]?.HostPort))
      return [201, { Id: id }]
    }
    if (!servers.has(name)) return [404, { message: 'no such container' }]
    const server = servers.get(name) ?? null
    if (action === 'json') return [200, { State: { Running: server !== null } }]
    await new Promise((done) => (server === null ? done(null) : server.close(done)))
    if (request.method === 'DELETE') servers.delete(name)
    else
      servers.set(
        name,
        action === 'start'
          ? createServer((_, response) => response.end('{}')).listen(ports.get(name), '127.0.0.1')
          : null,
      )
    return [204, '']
  }
  const engine = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { connection: 'close' })
      response.end(status === 204 ? undefined : JSON.stringify(body))
    })
  })
  await new Promise<void>((listening) => engine.listen(0, '127.0.0.1', listening))
  const address = engine.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    created,
    get containers() {
      return [...servers.keys()]
    },
    close: async () => {
      for (const server of servers.values()) server?.close()
      engine.closeAllConnections()
      await new Promise((closed) => engine.close(closed))
    },
  }
}
