import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as listenOn, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunEvent } from '../../src/domain/event.ts'
import { isContainerRunning } from '../../src/sandbox/docker.ts'
import { askEngine, findEngine } from '../../src/sandbox/docker-engine.ts'
import { sandboxEnvironment, sandboxUrl } from '../../src/sandbox/environment.ts'
import { findInstalled } from '../../src/sandbox/installed.ts'
import { servesData } from '../../src/sandbox/process.ts'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/start.ts'
import { readState, type SandboxState, writeState } from '../../src/sandbox/state.ts'
import { readSandbox } from '../../src/sandbox/status.ts'
import { stopSandbox } from '../../src/sandbox/stop.ts'
import { freePort } from '../helpers/ports.ts'
import { testServer } from '../helpers/servers.ts'

let directory: string
let port: number
let said: string[]

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'wwdb-sandbox-')), 'sandbox')
  port = await freePort()
  said = []
})

afterEach(async () => {
  await stopSandbox(directory, { remove: true })
  await rm(join(directory, '..'), { recursive: true, force: true })
})

async function up(options: Partial<SandboxOptions> = {}): Promise<SandboxState> {
  const emit = (event: RunEvent): void => {
    if (event.type === 'progress') said.push(event.message)
  }
  // A process of this machine: a container would be another test's matter.
  const provider = options.provider ?? ((await findInstalled()) === null ? 'portable' : 'installed')
  return startSandbox({ directory, port, url: null, ...options, provider }, emit)
}

async function query(state: SandboxState, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: sandboxUrl(state) })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    connection.destroy()
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

describe('the sandbox', () => {
  it('comes up, is seen, goes down and comes up again with its data', async () => {
    expect(await readSandbox(directory)).toEqual({ state: 'absent' })
    const first = await up()
    expect(await query(first, 'SELECT @@bind_address')).toBe('127.0.0.1')
    expect(await query(first, 'SELECT @@innodb_flush_log_at_trx_commit')).toBe(1)
    await query(first, 'CREATE DATABASE kept')
    expect(await readSandbox(directory)).toEqual({ state: 'running', sandbox: first })
    expect(await readState(directory)).toEqual(first)

    await stopSandbox(directory)
    expect(await servesData(Number(first.pid), join(directory, 'data'))).toBe(false)
    expect((await readSandbox(directory)).state).toBe('stopped')

    const second = await up()
    expect(await query(second, "SHOW DATABASES LIKE 'kept'")).toBe('kept')
    await stopSandbox(directory, { remove: true })
    expect(await exists(directory)).toBe(false)
  })

  it('is started once, however often and by however many', async () => {
    const states = await Promise.all([up(), up(), up()])
    expect(new Set(states.map((state) => state.pid)).size).toBe(1)
    expect(said.filter((message) => message.startsWith('The sandbox runs already'))).toHaveLength(2)
  })

  it('recovers from a crash on the same data', async () => {
    const before = await up()
    await query(before, 'CREATE DATABASE survived')
    process.kill(Number(before.pid), 'SIGKILL')
    await vi.waitFor(async () => expect((await readSandbox(directory)).state).toBe('stopped'), 10_000)
    const after = await up()
    expect(after.pid).not.toBe(before.pid)
    expect(await query(after, "SHOW DATABASES LIKE 'survived'")).toBe('survived')
  })

  it('says that a port is taken, with the flag, before it makes anything', async () => {
    const other = await new Promise<Server>((settle) => {
      const server = listenOn().listen(port, '127.0.0.1', () => settle(server))
    })
    try {
      await expect(up()).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        faults: [
          { what: `Port ${port} of 127.0.0.1 is taken by another program.`, next: expect.stringMatching(/--port/) },
        ],
      })
      expect(await exists(join(directory, 'data'))).toBe(false)
    } finally {
      other.close()
    }
  })

  it.each(['while its data is made', 'while the server starts'])(
    'leaves nothing running when stopped %s',
    async (when) => {
      const late = when.endsWith('starts')
      const started = async (): Promise<boolean> => (await readState(directory))?.pid != null
      let reached = false
      const watch = setInterval(async () => {
        reached ||= late ? await started() : said.some((message) => message.startsWith('Starting'))
      }, 5)
      try {
        await expect(up({ interrupted: () => reached })).rejects.toMatchObject({ code: 'STOPPED', exitCode: 130 })
      } finally {
        clearInterval(watch)
      }
      const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'])
      expect(stdout).not.toContain(directory)
      expect((await up()).port).toBe(port)
    },
  )

  it('ends no process but its own server, whatever the state file says', async () => {
    const state = await up()
    await writeState(directory, { ...state, pid: process.pid })
    expect((await readSandbox(directory)).state).toBe('stopped')
    await stopSandbox(directory)
    expect(await servesData(Number(state.pid), join(directory, 'data'))).toBe(true)
    await writeState(directory, state)
  })

  it('says what the server says when it cannot start', async () => {
    const state = await up()
    await stopSandbox(directory)
    await rm(join(directory, 'data', 'mysql.ibd'))
    await expect(up()).rejects.toMatchObject({
      code: 'SANDBOX_FAILED',
      faults: [{ why: expect.stringMatching(/\w+/) }],
    })
    expect(await servesData(Number((await readState(directory))?.pid ?? state.pid), join(directory, 'data'))).toBe(
      false,
    )
  })

  it('gives a shell what it needs to reach the server', async () => {
    const state = await up()
    const script = `${sandboxEnvironment(state)}\nprintf '%s %s ' "$WWDB_URL" "$MYSQL_TCP_PORT"; command -v mysql || true`
    const { stdout } = await promisify(execFile)('sh', ['-c', script])
    expect(stdout).toContain(`mysql://root@127.0.0.1:${port} ${port} `)
    if (state.bin !== null) expect(stdout).toContain(`${state.bin}/mysql`)
  })
})

describe('a given server', () => {
  it('is the sandbox; nothing is started', async () => {
    const { url } = testServer()
    const state = await startSandbox({ directory, port, url })
    expect(state).toMatchObject({ provider: 'url', pid: null, port: Number(new URL(url).port) })
    expect(await readSandbox(directory, url)).toEqual({ state: 'running', sandbox: state })
    expect(await exists(directory)).toBe(false)
  })

  it('that does not answer is named, without its password', async () => {
    const attempt = startSandbox({ directory, port, url: `mysql://root:s3cret@127.0.0.1:${port}` })
    await expect(attempt).rejects.toMatchObject({ code: 'UNREACHABLE', exitCode: 69 })
    await expect(attempt).rejects.not.toThrow(/s3cret/)
  })
})

describe('a machine without Debian’s tools', () => {
  it('is told in a sentence what to install', async () => {
    const folder = join(directory, '..', 'bin')
    await mkdir(folder)
    const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v bash'])
    await symlink(stdout.trim(), join(folder, 'bash'))
    vi.stubEnv('PATH', folder)
    try {
      await expect(up({ provider: 'portable' })).rejects.toMatchObject({
        code: 'SANDBOX_UNAVAILABLE',
        faults: [{ next: expect.stringContaining('Install MySQL 8 or later') }],
      })
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('a Docker engine', () => {
  it('is used only when it answers quickly', async () => {
    const path = join(directory, '..', 'engine.sock')
    let answers = false
    const engine = createServer((request, response) => {
      if (request.url === '/_ping' && !answers) return
      response.end(
        request.url === '/_ping' ? 'OK' : JSON.stringify({ State: { Running: request.url?.includes('alive') } }),
      )
    })
    await new Promise<void>((settle) => engine.listen(path, settle))
    vi.stubEnv('DOCKER_HOST', `unix://${path}`)
    try {
      const begin = performance.now()
      expect(await findEngine()).toBeNull()
      expect(performance.now() - begin).toBeLessThan(10_000)
      answers = true
      const address = await findEngine()
      expect(address).toEqual({ type: 'socket', path })
      if (address !== null) expect((await askEngine(address, 'GET', '/_ping', 1_000)).body).toBe('OK')
      expect(await isContainerRunning('alive')).toBe(true)
      expect(await isContainerRunning('dead')).toBe(false)
    } finally {
      vi.unstubAllEnvs()
      engine.closeAllConnections()
      engine.close()
    }
  })

  it('that is not there costs nothing', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${join(directory, 'nobody.sock')}`)
    try {
      expect(await findEngine()).toBeNull()
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
