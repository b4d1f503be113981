import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectSentence } from '../chaos/support/sentences.ts'
import { freePort } from '../helpers/ports.ts'
import { type OwnServer, startServer, testServer } from '../helpers/servers.ts'
import { tableMigration, withStages } from '../helpers/stage.ts'

const openStage = withStages()
const files = { 'app/1_made.sql': tableMigration('made') }
const certificates = resolve(import.meta.dirname, '../fixtures/tls')

describe('who is not let in, and servers that are not there: 69 and one sentence without the password', () => {
  const secret = 'Tr0ub4dor-and-3'

  beforeAll(async () => {
    const connection = await createConnection({ uri: testServer().url })
    await connection.query('DROP USER IF EXISTS connecting_user')
    await connection.query("CREATE USER connecting_user IDENTIFIED BY 'another one'")
    await connection.end()
  })
  afterAll(async () => {
    const connection = await createConnection({ uri: testServer().url })
    await connection.query('DROP USER connecting_user')
    await connection.end()
  })

  const portOf = (url: string): string => new URL(url).port

  test.each([
    [
      'a wrong password',
      async () => `mysql://connecting_user:${secret}@127.0.0.1:${portOf(testServer().url)}`,
      /does not let 'connecting_user' in with the password given/,
    ],
    [
      'an unknown user',
      async () => `mysql://nobody_at_all:${secret}@127.0.0.1:${portOf(testServer().url)}`,
      /does not let 'nobody_at_all' in/,
    ],
    [
      'a stopped server',
      async () => `mysql://root:${secret}@127.0.0.1:${await freePort()}`,
      /Cannot connect to MySQL at 127/,
    ],
    [
      'an unknown host',
      async () => `mysql://root:${secret}@no-such-host.invalid:3306`,
      /Cannot connect to MySQL at no-such-host/,
    ],
  ])('%s', async (_what, url, says) => {
    const stage = await openStage({ files })
    for (const flags of [[], ['--debug']]) {
      const run = await stage.run(['migrate', '--url', await url(), ...flags])
      expect(run.stdout + run.stderr).not.toContain(secret)
      if (flags.length === 0) expectSentence(run, [69], says)
      else expect(run.exitCode).toBe(69)
    }
  })

  test('a port that takes the connection and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as { readonly port: number }
    const stage = await openStage({ files, configuration: { timeouts: { connect: '1s' } } })
    const run = await stage.run(['migrate', '--url', `mysql://root:${secret}@127.0.0.1:${port}`])
    silent.close()
    expectSentence(run, [69], /Cannot connect to MySQL at 127/)
  })

  test('a port that hangs up in the handshake, as the Router does without a destination', async () => {
    const rude = createServer((socket) => socket.on('error', () => {}).resetAndDestroy())
    await new Promise<void>((done) => rude.listen(0, '127.0.0.1', done))
    const { port } = rude.address() as { readonly port: number }
    const stage = await openStage({ files })
    const run = await stage.run(['migrate', '--url', `mysql://root:${secret}@127.0.0.1:${port}`])
    rude.close()
    expectSentence(run, [69], /Cannot connect to MySQL at 127/)
  })
})

describe('TLS', () => {
  let own: OwnServer
  let here: OwnServer
  let elsewhere: OwnServer
  let without: OwnServer

  beforeAll(async () => {
    const with_ = (name: string): Promise<OwnServer> =>
      startServer({
        flags: [
          `--ssl-ca=${join(certificates, 'ca.pem')}`,
          `--ssl-cert=${join(certificates, `${name}.pem`)}`,
          `--ssl-key=${join(certificates, `${name}.key`)}`,
        ],
      })
    own = await startServer()
    here = await with_('here')
    elsewhere = await with_('elsewhere')
    without = await startServer({ flags: ['--tls-version='] })
  })
  afterAll(async () => {
    for (const server of [own, here, elsewhere, without]) await server?.stop()
  })

  const given = join(certificates, 'ca.pem')
  const made = (): string => join(own.dataDirectory, 'ca.pem')

  /** While it runs the server takes nobody without TLS. */
  async function migrate(server: OwnServer, tls: object | null, host = '127.0.0.1') {
    const stage = await openStage({ url: server.url, files, configuration: tls === null ? {} : { tls } })
    const demandTls = (state: 'ON' | 'OFF') => stage.query(`SET GLOBAL require_secure_transport = ${state}`)
    if (server !== without) await demandTls('ON')
    const run = await stage.run(['migrate', '--url', `mysql://root@${host}:${server.port}`])
    if (server !== without) await demandTls('OFF')
    return run
  }

  test.each([
    [
      'the certificate that mysqld made itself, checked against the authority it made',
      () => migrate(own, { ca: made() }),
    ],
    ['any certificate with verify: false', () => migrate(own, { verify: false })],
    ['a certificate that names the address', () => migrate(here, { ca: given })],
    ['a certificate that names the host', () => migrate(here, { ca: given }, 'localhost')],
  ])('is content with %s', async (_what, start) => {
    const run = await start()
    expect(run.exitCode, run.stderr).toBe(0)
  })

  test.each([
    ['an authority that did not sign', () => migrate(own, { ca: given }), /TLS failed/],
    ['the authorities of the world, which did not sign either', () => migrate(own, {}), /TLS failed/],
    [
      'a certificate for another host',
      () => migrate(elsewhere, { ca: given }, 'localhost'),
      /TLS failed: .*db\.example\.org/,
    ],
    ['a certificate for another host than this address', () => migrate(elsewhere, { ca: given }), /TLS failed/],
    ['a server without TLS', () => migrate(without, { ca: given }), /does not offer TLS/],
    [
      'a file that is no certificate',
      () => migrate(own, { ca: join(certificates, '../../../package.json') }),
      /TLS failed|Cannot/,
    ],
  ])('refuses %s', async (_what, start, why) => {
    const run = await start()
    expectSentence(run, [69], /Cannot connect to MySQL at/)
    expect(/^ {2}Why: (.*)$/m.exec(run.stderr)?.[1]).toMatch(why)
  })

  test('a server that wants it says so to whom comes without', async () => {
    expectSentence(await migrate(own, null), [69], /MySQL at 127/)
  })
})
