import { dirname } from 'node:path'
import { kill } from 'node:process'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import { readHandshake } from '../../../src/sandbox/handshake.ts'
import { runsServer } from '../../../src/sandbox/local-server.ts'
import { mysqlServer } from '../../../src/sandbox/mysql-server.ts'
import { keepRunning } from '../../helpers/servers/keep-running.ts'
import { createSchema, withSchema } from '../../helpers/servers/schema.ts'
import { isAvailable, startServer, testServer, testServer80 } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'

async function value(url: string, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    connection.destroy()
  }
}

describe('the servers that tests get', () => {
  const schema = withSchema('servers')

  it('are a current MySQL with a schema of the file’s own', async () => {
    expect(Number.parseInt(testServer().version, 10)).toBeGreaterThanOrEqual(8)
    expect(await value(schema().url, 'SELECT DATABASE()')).toBe(schema().name)
    expect(await value(schema().url, 'SELECT @@performance_schema')).toBe(1)
  })

  it.runIf(isAvailable('mysql80'))('include one shared MySQL 8.0', async () => {
    const [first, second] = await Promise.all([testServer80(), testServer80()])
    expect(first).toEqual(second)
    expect(await value(first.url, 'SELECT VERSION()')).toMatch(/^8\.0\./)
  })

  it('lose the schemas of a file whose failed test left a transaction, instead of waiting for it', async () => {
    const left = await createSchema('left')
    const connection = await createConnection({ uri: left.url })
    connection.on('error', () => undefined)
    await connection.query('CREATE TABLE t (id INT)')
    await connection.query('BEGIN')
    await connection.query('SELECT * FROM t')
    await left.drop()
    expect(await value(testServer().url, `SHOW DATABASES LIKE '${left.name}'`)).toBeUndefined()
    connection.destroy()
  })

  it.each(versionsInTurn(import.meta.url))(
    'can be one’s own %s, survive a kill and keep their data',
    async (version) => {
      const server = await startServer({ version, flags: ['--max-connections=77'] })
      expect(await value(server.url, 'SELECT @@max_connections')).toBe(77)
      await value(server.url, 'CREATE DATABASE kept')
      const before = server.pid
      await server.kill()
      expect((await readHandshake({ host: '127.0.0.1', port: server.port }, 1_000)).type).toBe('silence')
      await server.restart()
      expect(server.pid).not.toBe(before)
      expect(await value(server.url, "SHOW DATABASES LIKE 'kept'")).toBe('kept')
      await server.stop()
      expect(await runsServer(mysqlServer, server.pid, dirname(server.dataDirectory))).toBe(false)
    },
  )

  it('are started again where they crash, and what their log says is reported', async () => {
    const server = await startServer({ version: '8.0' })
    const ending = new AbortController()
    const crashes: string[] = []
    keepRunning(server, dirname(server.dataDirectory), ending.signal, async (crash) => void crashes.push(crash))
    const { pid } = server
    kill(pid, 'SIGSEGV')
    await expect.poll(() => server.pid).not.toBe(pid)
    expect(await value(server.url, 'SELECT 1')).toBe(1)
    expect(crashes).toEqual([expect.stringContaining('mysqld got signal 11')])
    ending.abort()
    await server.stop()
  })
})
