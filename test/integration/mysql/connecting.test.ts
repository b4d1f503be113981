import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectSentence } from '../../chaos/support/sentences.ts'
import { openFakeMysql, openFileThief } from '../../helpers/mysql/fake-mysql.ts'
import { openImpostor } from '../../helpers/mysql/impostor.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { type OwnServer, startServer, testServer } from '../../helpers/servers/servers.ts'
import { tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const files = { 'app/1_made.sql': tableMigration('made') }
const certificates = resolve(import.meta.dirname, '../../fixtures/tls')

describe('refused logins and missing servers end with 69 and one sentence without the password', () => {
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
      /refused the login of user `connecting_user` with the given password/,
    ],
    [
      'an unknown user',
      async () => `mysql://unknown_user:${secret}@127.0.0.1:${portOf(testServer().url)}`,
      /refused the login of user `unknown_user`/,
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
  ])('%s', async (_what, url, sentence) => {
    const stage = await openStage({ files })
    for (const flags of [[], ['--debug']]) {
      const run = await stage.run(['migrate', '--url', await url(), ...flags])
      expect(run.stdout + run.stderr).not.toContain(secret)
      if (flags.length === 0) expectSentence(run, [69], sentence)
      else expect(run.exitCode).toBe(69)
    }
  })

  test('a port that accepts the connection and sends nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as { readonly port: number }
    const stage = await openStage({ files, configuration: { timeouts: { connect: '1s' } } })
    const run = await stage.run(['migrate', '--url', `mysql://root:${secret}@127.0.0.1:${port}`])
    silent.close()
    expectSentence(run, [69], /Cannot connect to MySQL at 127/)
  })

  test('a port that closes the connection in the handshake, like the Router without a destination', async () => {
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
    const others = [with_('here'), with_('elsewhere'), startServer({ flags: ['--tls-version='] })] as const
    ;[own, here, elsewhere, without] = await Promise.all([startServer(), ...others])
  })
  afterAll(() => Promise.all([own, here, elsewhere, without].map((server) => server?.stop())))

  const given = join(certificates, 'ca.pem')
  const made = (): string => join(own.dataDirectory, 'ca.pem')

  /** While it runs, the server refuses connections without TLS. */
  async function migrate(server: OwnServer, tls: object | string | null, host = '127.0.0.1') {
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
  ])('accepts %s', async (_what, start) => {
    const run = await start()
    expect(run.exitCode, run.stderr).toBe(0)
  })

  test.each([
    ['an authority that did not sign', () => migrate(own, { ca: given }), /TLS failed/],
    ['the public authorities, which did not sign either', () => migrate(own, {}), /TLS failed/],
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

  test('a server that requires it: the error for a connection without it names the setting, which works', async () => {
    const run = await migrate(own, 'disabled')
    expectSentence(run, [69], /refuses connections without TLS/)
    expect(run.stderr).toContain('Set `"tls": "required"`')
    expect((await migrate(own, 'required')).exitCode).toBe(0)
  })

  test.each([['127.0.0.1'], ['0.0.0.0']])('without a setting it is used where %s requires it', async (host) => {
    expect((await migrate(own, null, host)).exitCode).toBe(0)
  })

  test('a server without TLS is refused where it is required', async () => {
    expectSentence(await migrate(without, 'required'), [69], /Cannot connect to MySQL at/)
  })
})

describe('a password on the network', () => {
  const secret = 'Tr0ub4dor-and-4'
  let plain: OwnServer

  beforeAll(async () => {
    plain = await startServer({ flags: ['--tls-version='] })
    for (const url of [plain.url, testServer().url])
      await query(url, `CREATE USER IF NOT EXISTS passing IDENTIFIED BY '${secret}'`, 'GRANT ALL ON *.* TO passing')
  })
  afterAll(async () => {
    await query(testServer().url, 'DROP USER passing')
    await plain.stop()
  })

  async function query(url: string, ...texts: readonly string[]): Promise<void> {
    const connection = await createConnection({ uri: url })
    for (const text of texts) await connection.query(text)
    await connection.end()
  }

  /** Whoever logs in next has to give the password itself: FLUSH PRIVILEGES empties what the server remembers. */
  async function migrate(server: { readonly url: string }, host: string, configuration: object = {}) {
    const stage = await openStage({ url: server.url, files, configuration })
    await query(server.url, 'FLUSH PRIVILEGES')
    return stage.run(['migrate', '--url', `mysql://passing:${secret}@${host}:${new URL(server.url).port}`])
  }

  // 0.0.0.0 is this machine, and no loopback address: what holds for another machine holds for it.
  test.each(['caching_sha2_password', 'sha256_password'] as const)(
    'is not readable for a host that answers instead of the server, by %s',
    async (method) => {
      const fake = await openFakeMysql(method)
      const stage = await openStage({ files })
      const connect = (host: string, tls: 'disabled' | 'preferred' | null, allowPublicKeyRetrieval = false) => {
        stage.write(
          'wwdb.config.json',
          JSON.stringify({ databases: { app: {} }, ...(tls === null ? {} : { tls }), allowPublicKeyRetrieval }),
        )
        return stage.run(['db', 'ping', '--url', `mysql://passing:${secret}@${host}:${fake.port}`])
      }
      for (const [host, tls] of [
        ['0.0.0.0', null],
        ['127.0.0.1', null],
        ['0.0.0.0', 'preferred'],
        ['0.0.0.0', 'disabled'],
      ] as const) {
        const run = await connect(host, tls)
        expectSentence(run, [69], /requests the password in clear text, but the connection does not use TLS/)
        expect(run.stderr).toContain('"allowPublicKeyRetrieval": true')
      }
      expect(fake.passwords).toEqual([])
      expect(fake.received().includes(secret)).toBe(false)
      await connect('0.0.0.0', null, true)
      expect(fake.passwords).toEqual([secret])
      fake.close()
    },
  )

  test.each(['0.0.0.0', '127.0.0.1'])(
    'is sent with TLS to %s without a setting and without a warning',
    async (host) => {
      const run = await migrate(testServer(), host)
      expect(run.exitCode, run.stderr).toBe(0)
      expect(run.stderr).not.toContain('TLS')
    },
  )

  test('goes without TLS only where the server may be asked for its key, with a warning', async () => {
    expectSentence(await migrate(plain, '0.0.0.0'), [69], /requests the password in clear text/)
    const allowed = await migrate(plain, '0.0.0.0', { allowPublicKeyRetrieval: true })
    expect(allowed.exitCode, allowed.stderr).toBe(0)
    expect(allowed.stderr.match(/are sent to 0\.0\.0\.0:\d+ without TLS: the server offers no TLS/g)).toHaveLength(1)
    const off = await migrate(testServer(), '0.0.0.0', { tls: 'disabled', allowPublicKeyRetrieval: true })
    expect(off.stderr).toContain('without TLS: the configuration disables TLS')
    expect((await migrate(plain, '127.0.0.1', { allowPublicKeyRetrieval: true })).stderr).not.toContain('TLS')
  })

  test('the password of a store is sent after a warning', async () => {
    const port = await freePort()
    const stores = {
      redis: { url: `redis://:${secret}@0.0.0.0:${port}` },
      mongodb: { url: `mongodb://u:${secret}@0.0.0.0:${port}` },
      elasticsearch: { url: `http://u:${secret}@0.0.0.0:${port}` },
      influxdb: { url: `http://0.0.0.0:${port}`, token: secret },
    }
    const stage = await openStage({ configuration: { stores } })
    const run = await stage.run(['setup', 'plan'])
    for (const store of Object.keys(stores))
      expect(run.stderr).toMatch(new RegExp(`${store}: the .* go to 0\\.0\\.0\\.0:${port} without TLS`))
    expect(run.stdout + run.stderr).not.toContain(secret)
    const published = await stage.run(['shards', 'publish', '--redis', stores.redis.url])
    expect(published.stdout + published.stderr).not.toContain(secret)
  })

  test('max_user_connections: the sentence names what to raise, and raising it works', async () => {
    const stage = await openStage({ files })
    const migrateAs = () =>
      stage.run(['migrate', '--url', `mysql://passing:${secret}@127.0.0.1:${new URL(testServer().url).port}`])
    await query(testServer().url, 'ALTER USER passing WITH MAX_USER_CONNECTIONS 1')
    const run = await migrateAs()
    expectSentence(run, [69], /does not allow user `passing` any more connections/)
    expect(run.stderr).toContain('MAX_USER_CONNECTIONS 0')
    expect(await stage.tables()).toEqual([])
    await query(testServer().url, 'ALTER USER passing WITH MAX_USER_CONNECTIONS 0')
    expect((await migrateAs()).exitCode).toBe(0)
  })
})

describe('a refused login', () => {
  const secret = 'Tr0ub4dor-and-5'
  const users = ['counted', 'counted_ssl', 'counted_before'] as const

  async function query(...texts: readonly string[]): Promise<void> {
    const connection = await createConnection({ uri: testServer().url })
    for (const text of texts) await connection.query(text)
    await connection.end()
  }
  beforeAll(() =>
    query(
      ...users.flatMap((user) => [
        `DROP USER IF EXISTS ${user}`,
        `CREATE USER ${user} IDENTIFIED BY '${secret}' ${user === 'counted_ssl' ? 'REQUIRE SSL' : ''} FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 1`,
        `GRANT ALL ON *.* TO ${user}`,
      ]),
    ),
  )
  afterAll(() => query(`DROP USER ${users.join(', ')}`))

  const portOf = (): string => new URL(testServer().url).port
  const ping = async (user: string, password: string, configuration: object = {}) => {
    const stage = await openStage({ configuration })
    return stage.run(['db', 'ping', '--url', `mysql://${user}:${password}@127.0.0.1:${portOf()}`])
  }

  // The server caches a password at the first login: then it is compared by a digest, and before that it is sent, with TLS.
  test.each([
    ['whose password the server has cached', 'counted', true],
    ['whose password the server has not cached yet', 'counted_before', false],
  ])('a wrong password counts once against FAILED_LOGIN_ATTEMPTS, for an account %s', async (_what, user, isCached) => {
    if (isCached) expect((await ping(user, secret)).exitCode).toBe(0)
    const refused = await ping(user, 'Tr0ub4dor-and-6')
    expectSentence(refused, [69], new RegExp(`refused the login of user \`${user}\` with the given password`))
    expect(refused.stderr).toContain('Correct the user and password')
    const right = await ping(user, secret)
    expect(right.exitCode, right.stderr).toBe(0)
  })

  test('a right password that the server has not cached is let in where one failed login locks the account', async () => {
    await query('ALTER USER counted FAILED_LOGIN_ATTEMPTS 1', 'FLUSH PRIVILEGES')
    const run = await ping('counted', secret)
    expect(run.exitCode, run.stderr).toBe(0)
    await query('ALTER USER counted FAILED_LOGIN_ATTEMPTS 2')
  })

  test('a login to an account that wrong passwords have locked: the error names what unlocks it, which works', async () => {
    await ping('counted', 'Tr0ub4dor-and-6')
    await ping('counted', 'Tr0ub4dor-and-6')
    const locked = await ping('counted', secret)
    expectSentence(locked, [69], /refused the login of user `counted`/)
    expect(locked.stderr).toContain('`ALTER USER ... ACCOUNT UNLOCK`')
    await query('ALTER USER counted ACCOUNT UNLOCK')
    expect((await ping('counted', secret)).exitCode).toBe(0)
  })

  test('an account that demands TLS is let in without a setting, on every connection of a run', async () => {
    const stage = await openStage({ files })
    const url = `mysql://counted_ssl:${secret}@127.0.0.1:${portOf()}`
    const run = await stage.run(['migrate', '--url', url])
    expect(run.exitCode, run.stderr).toBe(0)
  })

  test.each([
    ['with a password', secret, { tls: 'disabled' }],
    ['whose key is asked for', secret, { allowPublicKeyRetrieval: true }],
  ])(
    'an account that demands TLS, %s: the error names the setting, which works',
    async (_what, password, configuration) => {
      expect((await ping('counted_ssl', password)).exitCode).toBe(0)
      const plain = await ping('counted_ssl', password, configuration)
      expectSentence(plain, [69], /refused the login of user `counted_ssl`/)
      expect(plain.stderr).toContain('Correct the user and password')
      expect(plain.stderr).toContain('REQUIRE SSL')
      expect(plain.stderr).toContain('"tls": "required"')
      const encrypted = await ping('counted_ssl', password, { ...configuration, tls: 'required' })
      expect(encrypted.exitCode, encrypted.stderr).toBe(0)
    },
  )

  test('a refusal on a connection with TLS does not advise to turn it on', async () => {
    const run = await ping('counted', 'Tr0ub4dor-and-6', { tls: 'required' })
    expectSentence(run, [69], /refused the login of user `counted`/)
    expect(run.stderr).not.toContain('"tls": "required"')
    expect((await ping('counted', secret)).exitCode).toBe(0)
  })
})

describe('nothing listens', () => {
  const ping = async (host: string, port: number, sandboxPort: number, environment: Record<string, string> = {}) => {
    const stage = await openStage({ configuration: { sandbox: { port: sandboxPort } } })
    const run = await stage.run(['db', 'ping', '--url', `mysql://root@${host}:${port}`], { environment })
    expectSentence(run, [69], /Cannot connect to MySQL at/)
    return run.stderr
  }

  test.each(['127.0.0.1', 'localhost'])(
    'at the port of the sandbox on %s: the error names `sandbox up`',
    async (host) => {
      const port = await freePort()
      expect(await ping(host, port, port)).toContain('`wwdb sandbox up`')
    },
  )

  test('at the port that WWDB_SANDBOX_PORT gives the sandbox: the error names `sandbox up`', async () => {
    const port = await freePort()
    expect(await ping('127.0.0.1', port, port + 1, { WWDB_SANDBOX_PORT: String(port) })).toContain('`wwdb sandbox up`')
  })

  test('at another port of this machine, or at the same one of another host: the error does not name `sandbox up`', async () => {
    const port = await freePort()
    expect(await ping('127.0.0.1', port, port + 1)).not.toContain('sandbox')
    // 0.0.0.0 is this machine, and no loopback address.
    expect(await ping('0.0.0.0', port, port)).not.toContain('sandbox')
  })
})

describe('a server other than MySQL', () => {
  test('that asks for a file of this machine is refused, and gets nothing of it', async () => {
    const stage = await openStage({ files })
    const file = join(stage.folder, 'wwdb.config.json')
    const thief = await openFileThief(file)
    const url = `mysql://root@127.0.0.1:${thief.port}`
    for (const command of ['db ping', 'status', 'plan', 'migrate', 'drift', 'db create', 'rollback']) {
      const run = await stage.run([...command.split(' '), '--yes', '--url', url])
      expectSentence(run, [2], /requested the file `.*wwdb\.config\.json` from this machine\./)
      expect(run.stderr, command).toContain('SERVER_UNSUPPORTED')
      expect(run.stderr, command).toContain('"tls": {"ca": "ca.pem"}')
      expect(run.stderr, command).not.toContain('defect')
    }
    expect(thief.received().includes('"databases"')).toBe(false)
    thief.close()
  })

  test('is named, with its missing features, by every command', async () => {
    const stage = await openStage({
      files: {
        ...files,
        'seeds/app/made.yaml': 'table: made\nkey: id\nrows:\n  - id: 1\n',
        'shard-templates/app/notes.sql':
          '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:premake 2 periods\n-- wwdb:late 0 days\nCREATE TABLE {{table}} (id INT PRIMARY KEY);\n',
      },
    })
    const [row] = await stage.query('SELECT @@version_comment')
    const vitess = await openImpostor(testServer().url, Buffer.from(String(row?.[0])), 'Vitess 23.0.0')
    const commands = [
      'db ping',
      'db wait',
      'db create',
      'plan',
      'status',
      'migrate',
      'rollback',
      'baseline 1',
      'seed',
      'shards check',
      'rotate run',
      'provision up',
      'up',
    ]
    for (const command of commands) {
      const run = await stage.run([...command.split(' '), '--yes', '--url', `mysql://root@127.0.0.1:${vitess.port}`])
      expect(run.exitCode, `${command}: ${run.stdout}${run.stderr}`).toBe(2)
      expect(run.stdout + run.stderr, command).toMatch(/is Vitess \(9\.7\.4\S*\), not MySQL\./)
      expect(run.stdout + run.stderr, command).toContain('IS_USED_LOCK')
    }
    const { answer } = await stage.json(['db', 'ping', '--url', `mysql://root@127.0.0.1:${vitess.port}`])
    expect(answer).toMatchObject({ kind: 'error', code: 'SERVER_UNSUPPORTED', exitCode: 2 })
    expect(await stage.tables()).toEqual([])
    vitess.close()
  })

  test('is named where it is a node of a Galera cluster, which says that it is MySQL', async () => {
    const stage = await openStage({ files })
    const [row] = await stage.query("SHOW VARIABLES LIKE 'max_error_count'")
    // A row of an answer: each text has its length before it.
    const variable = Buffer.from(`\u000Fmax_error_count\u0004${String(row?.[1])}`)
    const galera = await openImpostor(testServer().url, variable, '\u000Ewsrep_provider\u0005/a.so')
    for (const command of [
      'db ping',
      'plan',
      'status',
      'migrate',
      'rollback',

      'doctor',
    ]) {
      const run = await stage.run([...command.split(' '), '--yes', '--url', `mysql://root@127.0.0.1:${galera.port}`])
      // For the doctor it is a finding.
      expect(run.exitCode, `${command}: ${run.stdout}${run.stderr}`).toBe(command === 'doctor' ? 1 : 2)
      expect(run.stdout + run.stderr, command).toMatch(/is a node of a Galera cluster \(9\.7\.4\S*\)\./)
    }
    expect(await stage.tables()).toEqual([])
    galera.close()
  })
})
