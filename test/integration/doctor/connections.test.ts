import { join, resolve } from 'node:path'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DoctorResult } from '../../../src/doctor/commands/doctor-view.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { endSession } from '../../helpers/mysql/transactions.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const tls = resolve(import.meta.dirname, '../../fixtures/tls')

/** A server whose accounts, time zones and replication are as a person left them. */
describe('wwdb doctor on a server with accounts, replication and TLS of its own', () => {
  let server: OwnServer
  let root: Connection

  beforeAll(async () => {
    server = await startServer({ version: '8.0' })
    root = await createConnection({ uri: server.url })
    for (const sql of [
      'CREATE DATABASE app',
      "CREATE USER 'plain'@'%' IDENTIFIED WITH mysql_native_password BY 'x'",
      "CREATE USER 'open'@'%'",
      "CREATE USER 'other'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'secured'@'%' IDENTIFIED BY 'x' REQUIRE SSL",
      "GRANT SELECT, CREATE, DROP, INSERT ON app.* TO 'plain'@'%', 'secured'@'%'",
      "GRANT SELECT ON mysql.* TO 'plain'@'%'",
      "GRANT REPLICATION CLIENT, PROCESS ON *.* TO 'plain'@'%'",
      "GRANT SELECT ON performance_schema.* TO 'plain'@'%'",
      "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='nobody'",
    ])
      await root.query(sql)
    return async () => {
      await root.end()
      await server.stop()
    }
  }, 180_000)

  async function maxConnections(): Promise<number> {
    const [rows] = await root.query<RowDataPacket[]>('SELECT @@max_connections AS connections')
    return Number(rows[0]?.['connections'])
  }

  /** A project with this user, and settings beside it. */
  function prepare(user: string, more: object = {}, files: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const url = `mysql://${user}@127.0.0.1:${server.port}`
    return openStage({ url: server.url, create: false, files, configuration: { url, prefix: '', ...more } })
  }

  const look = async (...project: Parameters<typeof prepare>): Promise<DoctorResult> =>
    (await examine(await prepare(...project))).answer

  test('finds what is wrong with its own account and those of others', async () => {
    const answer = await look('plain:x')
    expect(findingsOf(answer, 'account-tls').map(({ what }) => what)).toEqual([expect.stringContaining('plain@%')])
    expect(findingsOf(answer, 'account-plugin').map(({ what }) => what)).toEqual([
      expect.stringContaining('mysql_native_password'),
    ])
    const [password] = findingsOf(answer, 'accounts-password')
    expect(password?.what).toContain('`open@%`')
    expect(password?.what).not.toContain('other@%')
    const [without] = findingsOf(answer, 'accounts-tls')
    expect(without?.what).toContain('other@%')
    expect(without?.what).not.toContain('secured@%')
  })

  test('names the right to see prepared XA transactions only where a transaction is open, and finds them with it', async () => {
    const unread = ({ unchecked }: DoctorResult) =>
      unchecked.filter((text) => text.startsWith('Prepared XA transactions'))
    expect(unread(await look('plain:x'))).toEqual([])
    const owner = await createConnection({ uri: server.url })
    await owner.query('CREATE TABLE app.trips (id INT PRIMARY KEY)')
    for (const text of ["XA START 'trip'", 'INSERT INTO app.trips VALUES (7)', "XA END 'trip'", "XA PREPARE 'trip'"])
      await owner.query(text)
    await endSession(owner, async (text) => (await root.query<RowDataPacket[][]>({ sql: text, rowsAsArray: true }))[0])
    expect(unread(await look('plain:x'))).toEqual([
      expect.stringContaining("GRANT XA_RECOVER_ADMIN ON *.* TO 'plain'@'%';"),
    ])
    await root.query("GRANT XA_RECOVER_ADMIN ON *.* TO 'plain'@'%'")
    const answer = await look('plain:x')
    expect(unread(answer)).toEqual([])
    expect(findingsOf(answer, 'prepared-transaction')).toMatchObject([
      { where: { server: `127.0.0.1:${server.port}` }, what: expect.stringContaining("`'trip'`") },
    ])
    await root.query("XA ROLLBACK 'trip'")
    await root.query("REVOKE XA_RECOVER_ADMIN ON *.* FROM 'plain'@'%'")
    await root.query('DROP TABLE app.trips')
  })

  test('finds a replica that stands still, and has no GTIDs', async () => {
    const answer = await look('plain:x')
    expect(findingsOf(answer, 'replica-stopped')).toMatchObject([{ where: { server: `127.0.0.1:${server.port}` } }])
    expect(findingsOf(answer, 'gtid-mode')).toHaveLength(1)
  })

  test('finds time zones that are not loaded, and functions that the server would refuse', async () => {
    const text = 'CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1;'
    const files = {
      'app/0001_one.sql': migration(text, 'DROP FUNCTION one;'),
      'shard-templates/app/notes.sql':
        '-- wwdb:period month zone Asia/Shanghai\n-- wwdb:name notes_{YYYYMM}\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n',
    }
    const answer = await look('plain:x', {}, files)
    expect(findingsOf(answer, 'time-zone-tables').map(({ why }) => why)).toEqual([
      expect.stringContaining('Asia/Shanghai'),
    ])
    expect(findingsOf(answer, 'function-creators')).toHaveLength(1)
    expect(findingsOf(await look('root', {}, files), 'function-creators')).toEqual([])
  })

  test('finds TLS that an account insists on and the configuration disables, and TLS that proves nothing', async () => {
    expect(findingsOf(await look('secured:x', { tls: 'disabled' }), 'server-tls-needed')).toHaveLength(1)
    const [failure] = findingsOf(await look('secured:x', { tls: { ca: join(tls, 'ca.pem') } }), 'server-tls-fails')
    expect(failure?.why).toContain('Not checked: `app`.')
    expect(findingsOf(await look('secured:x', { tls: 'required' }), 'server-tls-fails')).toEqual([])
  })

  test('finds a server without a free connection', async () => {
    const stage = await prepare('plain:x')
    const before = await maxConnections()
    // More are open than that: stages keep theirs.
    await root.query('SET GLOBAL max_connections = 1')
    try {
      expect(findingsOf((await examine(stage)).answer, 'server-busy')).toHaveLength(1)
    } finally {
      await root.query(`SET GLOBAL max_connections = ${before}`)
    }
  })

  test('finds declarations that cannot be read, and leaves out a store without a URL, in one line', async () => {
    const stage = await openStage({
      create: false,
      files: { 'migrations/redis/keys.yaml': 'keyspaces: [' },
      configuration: { stores: { redis: { url: 'redis://127.0.0.1:1' }, mongodb: {} } },
    })
    const { answer } = await examine(stage)
    expect(findingsOf(answer, 'declarations-invalid').length).toBeGreaterThan(0)
    expect(findingsOf(answer, 'mongodb-unusable')).toEqual([])
    expect(answer).toMatchObject({ notConfigured: ['mongodb'], stores: { all: 0 } })
    const { stdout, stderr } = await stage.run(['doctor'])
    expect(stdout).toContain(
      'Not configured here and not checked: mongodb. A URL, for example WWDB_STORES_MONGODB_URL, configures it.',
    )
    // It writes nothing, also with the right to see prepared XA transactions: XA RECOVER reads.
    expect(stderr).not.toContain('could not be recorded')
  })
})
