import { execFile, spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as listenOn, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { askEngine, findEngine, isContainerRunning } from '../../../src/sandbox/docker-engine.ts'
import { clientCommand, clientFolder, connectionUrl, sandboxEnvironment } from '../../../src/sandbox/environment.ts'
import { readState, type SandboxState, withSandboxLock, writeState } from '../../../src/sandbox/folder.ts'
import { runsServer } from '../../../src/sandbox/local-server.ts'
import { findInstalled } from '../../../src/sandbox/mysql-program.ts'
import { mysqlServer } from '../../../src/sandbox/mysql-server.ts'
import { type SandboxOptions, startSandbox } from '../../../src/sandbox/start.ts'
import { readSandbox, stopSandbox } from '../../../src/sandbox/status.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { copyReadyData } from '../../helpers/servers/ready-data.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { findInstallation } from '../../helpers/servers/shared-servers.ts'

let directory: string
let port: number
let said: string[]

beforeEach(async () => {
  directory = join(await mkdtemp(join(inject('servers').runDirectory, 'sandbox-')), 'sandbox')
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
  return startSandbox({ directory, port, portIsGiven: true, url: null, ...options, provider }, emit)
}

/** A sandbox whose data was made before: making it takes as long as all else. */
async function upWithData(): Promise<SandboxState> {
  await copyReadyData(await findInstallation('9.7'), join(directory, 'data'))
  return up()
}

async function query(state: SandboxState, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: connectionUrl(state) })
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
  it('starts, is found running, stops and starts again with its data', async () => {
    expect(await readSandbox(directory)).toEqual({ state: 'absent' })
    const first = await up()
    expect(await query(first, 'SELECT @@bind_address')).toBe('127.0.0.1')
    expect(await query(first, 'SELECT @@innodb_flush_log_at_trx_commit')).toBe(1)
    await query(first, 'CREATE DATABASE kept')
    expect(await readSandbox(directory)).toEqual({ state: 'running', sandbox: first })
    expect(await readState(directory)).toEqual(first)

    await stopSandbox(directory)
    expect(await runsServer(mysqlServer, Number(first.pid), directory)).toBe(false)
    expect((await readSandbox(directory)).state).toBe('stopped')

    const second = await up()
    expect(await query(second, "SHOW DATABASES LIKE 'kept'")).toBe('kept')
    await stopSandbox(directory, { remove: true })
    expect(await exists(directory)).toBe(false)
  })

  it('is closed to other users: its folder, its socket, its server and the files of this machine', async () => {
    await mkdir(directory, { recursive: true, mode: 0o755 })
    const state = await upWithData()
    const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(directory)).toBe('700')
    expect(await mode(String(state.socket))).toBe('700')
    for (const name of ['state.json', 'client.cnf', 'mysql.password'])
      expect(await mode(join(directory, name))).toBe('600')
    expect(await exists(join(directory, 'init.sql'))).toBe(false)

    await expect(createConnection({ uri: `mysql://root@127.0.0.1:${port}` })).rejects.toMatchObject({ errno: 1045 })
    await expect(createConnection({ user: 'root', socketPath: String(state.socket) })).rejects.toMatchObject({
      errno: 1045,
    })
    const secret = join(directory, '..', 'secret')
    await writeFile(secret, 'private', { mode: 0o600 })
    expect(await query(state, `SELECT LOAD_FILE('${secret}')`)).toBeNull()
    await expect(query(state, `SELECT 1 INTO OUTFILE '${join(directory, 'out')}'`)).rejects.toMatchObject({
      errno: 1290,
    })
    const command = clientCommand(state, directory)
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} -N -e 'SELECT CURRENT_USER()'`])
    expect(stdout).toBe('root@localhost\n')
  })

  it('gives a password to a sandbox of an earlier version, which had none', async () => {
    const first = await upWithData()
    await query(first, "ALTER USER 'root'@'localhost' IDENTIFIED BY ''")
    await stopSandbox(directory)
    await writeFile(join(directory, 'state.json'), JSON.stringify({ format: 1, ...first, password: undefined }))
    const second = await up()
    await expect(createConnection({ uri: `mysql://root@127.0.0.1:${port}` })).rejects.toMatchObject({ errno: 1045 })
    expect(await query(second, 'SELECT 1')).toBe(1)
  })

  it('keeps a socket whose path would be too long in a closed folder elsewhere', async () => {
    const parent = directory
    directory = join(parent, 'a-folder-with-a-long-name'.repeat(4), 'sandbox')
    const state = await upWithData()
    const folder = dirname(String(state.socket))
    expect(folder.startsWith(tmpdir())).toBe(true)
    expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700')
    await stopSandbox(directory, { remove: true })
    expect(await exists(folder)).toBe(false)
    directory = parent
  })

  it('names the process that holds its lock', async () => {
    const holder = spawn('sleep', ['60'])
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'lock'), String(holder.pid))
    const heard: string[] = []
    const attempt = withSandboxLock(
      directory,
      async () => undefined,
      (message) => heard.push(message),
      1_500,
    )
    await expect(attempt).rejects.toMatchObject({
      code: 'SANDBOX_BUSY',
      faults: [{ why: expect.stringContaining(`process ${holder.pid} (sleep 60)`) }],
    })
    expect(heard).toEqual([expect.stringContaining(`Waiting for process ${holder.pid} (sleep 60)`)])
    holder.kill()
    await rm(join(directory, 'lock'))
  })

  it('is started once when several processes start it at once', async () => {
    const states = await Promise.all([up(), up(), up()])
    expect(new Set(states.map((state) => state.pid)).size).toBe(1)
    expect(said.filter((message) => message.startsWith('The sandbox is already running'))).toHaveLength(2)
  })

  it('recovers from a crash with the same data', async () => {
    const before = await upWithData()
    await query(before, 'CREATE DATABASE survived')
    process.kill(Number(before.pid), 'SIGKILL')
    await vi.waitFor(async () => expect((await readSandbox(directory)).state).toBe('stopped'), 10_000)
    const after = await up()
    expect(after.pid).not.toBe(before.pid)
    expect(await query(after, "SHOW DATABASES LIKE 'survived'")).toBe('survived')
  })

  it('reports a port that is taken, and the flag to change it, before it makes anything', async () => {
    const other = await new Promise<Server>((settle) => {
      const server = listenOn().listen(port, '127.0.0.1', () => settle(server))
    })
    try {
      await expect(up()).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        faults: [
          { what: `Port ${port} of 127.0.0.1 is in use by another program.`, next: expect.stringMatching(/--port/) },
        ],
      })
      expect(await exists(join(directory, 'data'))).toBe(false)
    } finally {
      other.close()
    }
  })

  it('takes another port where the default one is taken, names the sandbox that has it, and keeps the port', async () => {
    const first = await upWithData()
    const taken = port
    directory = join(directory, '..', 'second')
    await expect(up()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      faults: [
        { what: `Port ${taken} of 127.0.0.1 is in use by the sandbox in \`${dirname(String(first.socket))}\`.` },
      ],
    })
    await copyReadyData(await findInstallation('9.7'), join(directory, 'data'))
    const second = await up({ portIsGiven: false })
    expect((second.port - taken) % 100).toBe(0)
    expect(second.port).toBeGreaterThan(taken)
    expect(said).toContain(
      `Port ${taken} is in use by the sandbox in \`${dirname(String(first.socket))}\`; this sandbox listens on port ${second.port}.`,
    )
    expect(await query(second, 'SELECT @@port')).toBe(second.port)
    await stopSandbox(directory)
    await stopSandbox(join(directory, '..', 'sandbox'), { remove: true })
    expect((await up({ portIsGiven: false })).port).toBe(second.port)
  })

  it.each(['while its data is made', 'while the server starts'])(
    'leaves nothing running when stopped %s',
    async (when) => {
      const late = when.endsWith('starts')
      if (late) await copyReadyData(await findInstallation('9.7'), join(directory, 'data'))
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

  it('ends no process except its own server, also when the state file names another one', async () => {
    const state = await upWithData()
    await writeState(directory, { ...state, pid: process.pid })
    expect((await readSandbox(directory)).state).toBe('stopped')
    await stopSandbox(directory)
    expect(await runsServer(mysqlServer, Number(state.pid), directory)).toBe(true)
    await writeState(directory, state)
  })

  it('reports the errors of the server’s log when it cannot start', async () => {
    const state = await upWithData()
    await stopSandbox(directory)
    await rm(join(directory, 'data', 'mysql.ibd'))
    await expect(up()).rejects.toMatchObject({
      code: 'SANDBOX_FAILED',
      faults: [{ why: expect.stringMatching(/\w+/) }],
    })
    expect(await runsServer(mysqlServer, Number((await readState(directory))?.pid ?? state.pid), directory)).toBe(false)
  })

  it('prints what a shell needs to reach the server', async () => {
    const state = await upWithData()
    const script = `${sandboxEnvironment(state, directory)}\nprintf '%s %s %s ' "$WWDB_URL" "$MYSQL_TCP_PORT" "$(cat "$WWDB_PASSWORD_FILE")"; command -v mysql || true`
    const { stdout } = await promisify(execFile)('sh', ['-c', script])
    expect(stdout).toContain(`mysql://root@127.0.0.1:${port} ${port} ${state.password} `)
    expect(stdout).toContain(join(clientFolder(directory), 'mysql'))
  })

  it('gives a shell a `mysql` that logs in without a password on the command line, as README types it', async () => {
    const state = await upWithData()
    const script = `${sandboxEnvironment(state, directory)}\nmysql -h 127.0.0.1 -u root -N -e 'SELECT CURRENT_USER()' mysql\nmysql --no-defaults --version`
    const { stdout } = await promisify(execFile)('sh', ['-c', script])
    expect(stdout).toMatch(/^root@localhost\n.*Ver/)
    await stopSandbox(directory)
    const found = await promisify(execFile)('sh', ['-c', `${sandboxEnvironment(state, directory)}\nprintf %s "$PATH"`])
    vi.stubEnv('PATH', found.stdout)
    try {
      // The scripts are not taken for an installed client: one that called itself would never end.
      expect((await findInstalled())?.bin ?? '').not.toContain(directory)
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('a given server', () => {
  it('is the sandbox; nothing is started', async () => {
    const { url } = testServer()
    const state = await startSandbox({ directory, port, portIsGiven: true, url })
    expect(state).toMatchObject({ provider: 'url', pid: null, port: Number(new URL(url).port) })
    expect(await readSandbox(directory, url)).toEqual({ state: 'running', sandbox: state })
    expect(await exists(directory)).toBe(false)
  })

  it('is named without its password when it does not answer', async () => {
    const attempt = startSandbox({ directory, port, portIsGiven: true, url: `mysql://root:s3cret@127.0.0.1:${port}` })
    await expect(attempt).rejects.toMatchObject({ code: 'UNREACHABLE', exitCode: 69 })
    await expect(attempt).rejects.not.toThrow(/s3cret/)
  })
})

describe('a machine without Debian’s tools', () => {
  it('gets an error that names what to install', async () => {
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

  it('is not waited for when it does not exist', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${join(directory, 'missing.sock')}`)
    try {
      expect(await findEngine()).toBeNull()
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
