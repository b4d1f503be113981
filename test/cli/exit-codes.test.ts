import { createServer, type Server, type Socket } from 'node:net'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes } from '../../src/core/exit-code.ts'
import { nameLock } from '../../src/mysql/lock.ts'
import { withSchema } from '../helpers/servers/schema.ts'
import { configuration, withProjects } from '../helpers/tool/project.ts'
import { runTool, startTool } from '../helpers/tool/tool.ts'

const project = withProjects()
const schema = withSchema('codes')

test('the numbers are frozen', () => {
  expect(exitCodes).toEqual({
    done: 0,
    findings: 1,
    failed: 2,
    usage: 64,
    unreachable: 69,
    busy: 75,
    configuration: 78,
    hangup: 129,
    interrupted: 130,
    terminated: 143,
  })
})

/** A project with one migration. */
function projectWith(up: string, url = schema().url): string {
  return project({
    'wwdb.config.json': configuration(url),
    'migrations/app/20260101000000_first.sql': `-- migrate:up\n${up}\n-- migrate:down\nDROP TABLE IF EXISTS first;\n`,
  })
}

describe('the exit code', () => {
  test('0: done, and 1: pending when --exit-code asks', async () => {
    const cwd = projectWith('CREATE TABLE first (id INT PRIMARY KEY);')
    expect(await runTool(['status'], { cwd })).toMatchObject({ exitCode: 0 })
    expect(await runTool(['status', '--exit-code'], { cwd })).toMatchObject({ exitCode: 1 })
    expect(await runTool(['migrate'], { cwd })).toMatchObject({ exitCode: 0 })
    expect(await runTool(['status', '--exit-code'], { cwd })).toMatchObject({ exitCode: 0 })
  })

  test('2: a question without a terminal names the flag, and reverts nothing', async () => {
    const cwd = projectWith('CREATE TABLE first (id INT PRIMARY KEY);')
    const run = await runTool(['db', 'drop'], { cwd })
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain(`--confirm ${schema().name}`)
    expect(await runTool(['status', '--exit-code'], { cwd })).toMatchObject({ exitCode: 0 })
  })

  test('64: wrong usage', async () => {
    expect(await runTool(['migrate', '--nope'])).toMatchObject({ exitCode: 64 })
  })

  test('69: nothing answers', async () => {
    const cwd = project({ 'wwdb.config.json': configuration('mysql://root@127.0.0.1:1/app') })
    const run = await runTool(['db', 'ping'], { cwd })
    expect(run).toMatchObject({ exitCode: 69, stdout: '' })
    expect(run.stderr).toContain('127.0.0.1:1')
  })

  test('78: no configuration, or a wrong one', async () => {
    expect(await runTool(['status'])).toMatchObject({ exitCode: 78 })
    const cwd = project({ 'wwdb.config.json': '{"databasess": {}}' })
    const run = await runTool(['status'], { cwd })
    expect(run.exitCode).toBe(78)
    expect(run.stderr).toContain('databases')
  })
})

describe('75: the lock', () => {
  const own = withSchema('codes')

  test('the lock of another run, which is named', async () => {
    const cwd = projectWith('CREATE TABLE first (id INT PRIMARY KEY);', own().url)
    const holder = await createConnection({ uri: own().url })
    try {
      await holder.query('SELECT GET_LOCK(?, 0)', [nameLock(own().name)])
      const run = await runTool(['migrate', '--lock-timeout', '0'], { cwd })
      expect(run.exitCode).toBe(75)
      expect(run.stderr).toContain(String(holder.threadId))
    } finally {
      await holder.end()
    }
  })
})

describe('2: a statement that fails', () => {
  const own = withSchema('codes')

  test('is shown with its line, and only there', async () => {
    const run = await runTool(['migrate'], { cwd: projectWith('CREATE TABLE first (id NOSUCHTYPE);', own().url) })
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('NOSUCHTYPE')
    expect(run.stderr).toContain('20260101000000_first.sql')
  })
})

describe('a signal while nothing is written', () => {
  let silent: Server
  let connected: Promise<Socket>
  const sockets: Socket[] = []

  /** A server that takes connections and never says a word. */
  beforeAll(async () => {
    silent = createServer((socket) => sockets.push(socket))
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
  })

  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the command at once with %i', async (signal, exitCode) => {
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const cwd = projectWith('CREATE TABLE first (id INT PRIMARY KEY);', `mysql://root@127.0.0.1:${port}/app`)
    connected = new Promise((resolve) => silent.once('connection', resolve))
    const tool = startTool(['status'], { cwd })
    await connected
    const sent = performance.now()
    tool.child.kill(signal)
    const run = await tool.ended
    expect(run).toMatchObject({ exitCode, signal: null, stdout: '' })
    expect(run.stderr).toContain('Stopped')
    // The connection would have been given up after ten seconds.
    expect(performance.now() - sent).toBeLessThan(5_000)
  })
})
