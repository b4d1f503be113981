// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of a configuration look like those of a template
import { describe, expect, it } from 'vitest'
import { defaultSession } from '../../../src/config/session.ts'
import { unthrottled } from '../../helpers/migrations/engine.ts'
import { resolveText, sentences } from './resolve-text.ts'

const app = { databases: { app: {} }, url: 'mysql://root@127.0.0.1' }

function entryAt(text: unknown, around: Parameters<typeof resolveText>[1], path: string): unknown {
  const resolution = resolveText(JSON.stringify(text), around)
  expect(sentences(resolution)).toEqual([])
  return resolution.entries.find((entry) => entry.path === path)
}

describe('a whole configuration', () => {
  it('is one database with its URL and folder', () => {
    const { config, faults } = resolveText(
      '{"databases": {"app": {"url": "mysql://root@127.0.0.1:3306/app", "migrations": "migrations/app"}}}',
    )
    expect(faults).toEqual([])
    expect(config).toEqual({
      environments: [],
      file: '/project/wwdb.config.json',
      root: '/project',
      environment: null,
      protected: false,
      prefix: '',
      databases: [
        {
          name: 'app',
          schema: 'app',
          server: {
            host: '127.0.0.1',
            port: 3306,
            socket: null,
            user: 'root',
            password: null,
            encryption: 'as-needed',
            tls: null,
            allowPublicKeyRetrieval: false,
            label: '127.0.0.1:3306',
          },
          migrations: '/project/migrations/app',
          session: defaultSession,
          templates: '/project/shard-templates/app',
          templatesNamed: false,
          seeds: '/project/seeds/app',
          seedsNamed: false,
        },
      ],
      references: 'auto',
      outOfOrder: 'fail',
      trial: 'auto',
      strictSince: null,
      hooks: {
        before: { run: null, migration: null, rotation: null },
        after: { run: null, migration: null, rotation: null },
      },
      audit: { keep: null },
      logFile: null,
      online: { tool: 'pt-osc', inplace: 1_073_741_824, grace: 604_800_000 },
      retire: { grace: 1_209_600_000, isDefault: false },
      drift: { migrate: 'fail', grace: 14 * 86_400_000, ignore: [], unmanaged: [] },
      concurrency: 1,
      timeouts: { connect: 10_000, lock: 300_000, lockWait: 5000, statement: null },
      sandbox: { directory: '/project/.wwdb/sandbox', port: 13306, portIsGiven: false, url: null },
      rotation: {
        schedule: null,
        zone: 'UTC',
        alertDelay: 172_800_000,
        archive: null,
        clockSkew: 300_000,
        connections: 4,
        overrides: [],
      },
      doctor: {
        ignore: [],
        backup: null,
        backupAge: 93_600_000,
        encryption: false,
        freeDisk: 0.1,
        longTransaction: 300_000,
      },
      lint: { rules: new Map(), language: 'en', target: null, platform: null, strict: false },
      throttle: unthrottled,
      guard: { transaction: 5000, budget: 60_000, kill: null },
      stores: [],
    })
  })

  it('is frozen to its depths', () => {
    const { config } = resolveText(JSON.stringify(app))
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.databases[0]?.server)).toBe(true)
  })

  it('is a URL alone: one database called like the schema, in the working directory', () => {
    const { config, faults } = resolveText(null, { flags: { url: 'mysql://root@h/app' } })
    expect(faults).toEqual([])
    expect(config).toMatchObject({ file: null, root: '/project/below' })
    expect(config.databases).toMatchObject([
      { name: 'app', schema: 'app', migrations: '/project/below/migrations/app' },
    ])
  })

  it('works on as many databases at once as there are, up to eight', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`db${index}`, {}]))
    expect(resolveText(JSON.stringify({ ...app, databases: many })).config.concurrency).toBe(8)
  })
})

describe('precedence: flag, environment variable, file, default', () => {
  const file = { ...app, timeouts: { lock: '2m' }, environments: { ci: { timeouts: { lock: '3m' } } } }
  const path = 'timeouts.lock'
  it.each([
    ['the default', app, {}, '5m', 'default'],
    ['the file', file, {}, '2m', 'file'],
    ["the file's environment", file, { environmentName: 'ci' }, '3m', 'file'],
    ["the file's environment by WWDB_ENV", file, { environment: { WWDB_ENV: 'ci' } }, '3m', 'file'],
    ['the variable', file, { environmentName: 'ci', environment: { WWDB_LOCK_TIMEOUT: '4m' } }, '4m', 'environment'],
    ['the flag', file, { environment: { WWDB_LOCK_TIMEOUT: '4m' }, flags: { lockTimeout: '0' } }, '0', 'flag'],
    ['not an empty variable', file, { environment: { WWDB_LOCK_TIMEOUT: '' } }, '2m', 'file'],
    ['not an absent flag', file, { flags: { lockTimeout: undefined } }, '2m', 'file'],
  ])('%s wins', (_name, text, around, value, source) => {
    expect(entryAt(text, around, path)).toEqual({ path, value, source })
  })

  it.each([
    ['WWDB_PREFIX', 'pr_', 'prefix', 'pr_'],
    ['WWDB_REFERENCES', 'logical', 'references', 'logical'],
    ['WWDB_OUT_OF_ORDER', 'warn', 'outOfOrder', 'warn'],
    ['WWDB_STRICT_SINCE', '20260201', 'strictSince', '20260201'],
    ['WWDB_CONCURRENCY', '3', 'concurrency', 3],
    ['WWDB_SESSION_TIME_ZONE', '+08:00', 'session.timeZone', '+08:00'],
    ['WWDB_SESSION_SQL_MODE', 'STRICT_ALL_TABLES', 'session.sqlMode', 'STRICT_ALL_TABLES'],
    ['WWDB_CONNECT_TIMEOUT', '1s', 'timeouts.connect', '1s'],
    ['WWDB_LOCK_WAIT_TIMEOUT', '1s', 'timeouts.lockWait', '1s'],
    ['WWDB_STATEMENT_TIMEOUT', '1h', 'timeouts.statement', '1h'],
    ['WWDB_SANDBOX_PORT', '3307', 'sandbox.port', 3307],
    ['WWDB_SANDBOX_DIRECTORY', '/s', 'sandbox.directory', '/s'],
    ['WWDB_SANDBOX_URL', 'mysql://u:geheim@h', 'sandbox.url', 'mysql://u:***@h'],
    ['WWDB_TLS', 'required', 'databases.app.tls', 'required'],
    ['WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL', 'true', 'databases.app.allowPublicKeyRetrieval', true],
    ['WWDB_TLS_VERIFY', 'false', 'databases.app.tls.verify', false],
    ['WWDB_APP_SCHEMA', 'other', 'databases.app.schema', 'other'],
    ['WWDB_APP_MIGRATIONS', 'elsewhere', 'databases.app.migrations', 'elsewhere'],
    ['WWDB_APP_URL', 'mysql://u:geheim@h', 'databases.app.url', 'mysql://u:***@h'],
    ['WWDB_APP_PASSWORD', 'geheim', 'databases.app.password', '***'],
    ['WWDB_PASSWORD', 'geheim', 'databases.app.password', '***'],
  ])('%s=%s sets %s', (variable, text, path, value) => {
    expect(entryAt(app, { environment: { [variable]: text } }, path)).toEqual({ path, value, source: 'environment' })
  })

  it.each([
    ['prefix', 'pr_', 'prefix', 'pr_'],
    ['references', 'physical', 'references', 'physical'],
    ['outOfOrder', 'allow', 'outOfOrder', 'allow'],
    ['concurrency', 2, 'concurrency', 2],
    ['concurrency', '2', 'concurrency', 2],
    ['connectTimeout', '1s', 'timeouts.connect', '1s'],
    ['lockWaitTimeout', '1s', 'timeouts.lockWait', '1s'],
    ['statementTimeout', 'none', 'timeouts.statement', 'none'],
  ])('the flag %s=%s sets %s', (flag, given, path, value) => {
    expect(entryAt(app, { flags: { [flag]: given } }, path)).toEqual({ path, value, source: 'flag' })
  })
})

describe("a database's URL", () => {
  const file = {
    url: 'mysql://all@file',
    databases: { app: { url: 'mysql://own@file/own' }, other: {} },
    environments: { prod: { url: 'mysql://all@prod' }, half: { databases: { app: { url: 'mysql://own@half' } } } },
  }
  it.each([
    ['its own', {}, 'own@file:3306/own', 'all@file:3306/other'],
    [
      "all of an environment's, over one of the base",
      { environmentName: 'prod' },
      'all@prod:3306/app',
      'all@prod:3306/other',
    ],
    ["one of an environment's", { environmentName: 'half' }, 'own@half:3306/app', 'all@file:3306/other'],
    [
      'WWDB_URL, over the file',
      { environment: { WWDB_URL: 'mysql://all@env' } },
      'all@env:3306/app',
      'all@env:3306/other',
    ],
    [
      'its own variable',
      { environment: { WWDB_URL: 'mysql://all@env', WWDB_APP_URL: 'mysql://own@env' } },
      'own@env:3306/app',
      'all@env:3306/other',
    ],
    [
      '--url, over everything',
      { environment: { WWDB_APP_URL: 'mysql://own@env' }, flags: { url: 'mysql://all@flag' } },
      'all@flag:3306/app',
      'all@flag:3306/other',
    ],
  ])('is %s', (_name, around, app, other) => {
    const { config, faults } = resolveText(JSON.stringify(file), around)
    expect(faults).toEqual([])
    expect(config.databases.map(({ server, schema }) => `${server.user}@${server.label}/${schema}`)).toEqual([
      app,
      other,
    ])
  })
})

describe('the schema on the server', () => {
  it.each([
    ['the name of the database', {}, {}, 'app'],
    ["the URL's path", { url: 'mysql://u@h/path' }, {}, 'path'],
    ['"schema"', { url: 'mysql://u@h/path', schema: 'own' }, {}, 'own'],
    ['with the prefix before it', { schema: 'own' }, { flags: { prefix: 'pr_123_' } }, 'pr_123_own'],
    [
      'with the prefix before the path',
      { url: 'mysql://u@h/path' },
      { environment: { WWDB_PREFIX: 'pr_' } },
      'pr_path',
    ],
  ])('is %s', (_name, database, around, schema) => {
    const { config } = resolveText(JSON.stringify({ ...app, databases: { app: database } }), around)
    expect(config.databases[0]?.schema).toBe(schema)
  })
})

describe('the password', () => {
  const withUrl = (url: string, database: object = {}, general: object = {}): string =>
    JSON.stringify({ ...general, databases: { app: { url, ...database } } })
  const files = { 'secrets/pw': 'from file\nsecond line\n' }
  it.each([
    ['in the URL', withUrl('mysql://u:in%20url@h', { password: 'key' }), {}, 'in url'],
    ['in the URL, and empty', withUrl('mysql://u:@h', { password: 'key' }), {}, ''],
    ['the key', withUrl('mysql://u@h', { password: '${PW}' }), { PW: 'variable' }, 'variable'],
    [
      "the database's key before that of all",
      withUrl('mysql://u@h', { password: 'own' }, { password: 'all' }),
      {},
      'own',
    ],
    ['the first line of a file', withUrl('mysql://u@h', { passwordFile: 'secrets/pw' }), {}, 'from file'],
    ['the variable before the key', withUrl('mysql://u@h', { password: 'own' }), { WWDB_PASSWORD: 'all' }, 'all'],
    ['MYSQL_PWD at last', withUrl('mysql://u@h'), { MYSQL_PWD: 'last' }, 'last'],
    ['not MYSQL_PWD where there is another', withUrl('mysql://u@h', { password: 'own' }), { MYSQL_PWD: 'last' }, 'own'],
  ])('is %s', (_name, text, environment, password) => {
    const { config, faults } = resolveText(text, { environment, files })
    expect(faults).toEqual([])
    expect(config.databases[0]?.server.password?.reveal()).toBe(password)
  })

  it('a setting is null where nothing gives one', () => {
    expect(resolveText(withUrl('mysql://u@h')).config.databases[0]?.server.password).toBeNull()
  })
})

describe('TLS', () => {
  const files = { 'tls/ca.pem': 'CA', 'tls/c.pem': 'CERT', 'tls/k.pem': 'KEY' }
  it('is read from the files that are named, relative to the configuration', () => {
    const tls = { ca: 'tls/ca.pem', cert: 'tls/c.pem', key: 'tls/k.pem' }
    const { config, faults } = resolveText(JSON.stringify({ ...app, tls }), { files })
    expect(faults).toEqual([])
    expect(config.databases[0]?.server.tls).toMatchObject({ ca: 'CA', cert: 'CERT', verify: true })
    expect(config.databases[0]?.server.tls?.key?.reveal()).toBe('KEY')
  })

  it('is on with an empty object, off without one', () => {
    const databases = { app: { tls: {} }, other: {} }
    const { config } = resolveText(JSON.stringify({ ...app, databases }))
    expect(config.databases.map(({ server }) => server.tls)).toEqual([
      { ca: null, cert: null, key: null, verify: true },
      null,
    ])
  })

  const encryptionOf = (url: string, more: object, environment: Record<string, string> = {}) => {
    const { config, faults } = resolveText(JSON.stringify({ url, databases: { app: {} }, ...more }), {
      files,
      environment,
    })
    expect(faults).toEqual([])
    return config.databases[0]?.server
  }

  it.each([
    ['mysql://u@127.0.0.1', 'as-needed'],
    ['mysql://u@127.8.8.8', 'as-needed'],
    ['mysql://u@localhost', 'as-needed'],
    ['mysql://u@[::1]', 'as-needed'],
    ['mysql://u@localhost?socket=/run/m.sock', 'as-needed'],
    ['mysql://u@db.example.org', 'preferred'],
    ['mysql://u@0.0.0.0', 'preferred'],
    ['mysql://u@10.0.0.7', 'preferred'],
    ['mysql://u@127.0.0.1.example.org', 'preferred'],
  ])('TLS of %s is %s where nothing is configured', (url, encryption) => {
    expect(encryptionOf(url, {})).toMatchObject({ encryption, tls: null, allowPublicKeyRetrieval: false })
  })

  it('is what a word says, also one of a variable', () => {
    const url = 'mysql://u@db.example.org'
    expect(encryptionOf(url, { tls: 'disabled' })?.encryption).toBe('disabled')
    expect(encryptionOf('mysql://u@127.0.0.1', { tls: 'required' })).toMatchObject({
      encryption: 'required',
      tls: null,
    })
    expect(encryptionOf(url, { tls: 'disabled', databases: { app: { tls: 'required' } } })?.encryption).toBe('required')
    expect(encryptionOf(url, {}, { WWDB_TLS: 'required' })?.encryption).toBe('required')
    expect(encryptionOf(url, { tls: { verify: false } }, { WWDB_TLS: 'disabled' })).toMatchObject({
      encryption: 'disabled',
      tls: null,
    })
  })

  it('stays proven where a word asks for it beside certificates', () => {
    const server = encryptionOf('mysql://u@db', { tls: { ca: 'tls/ca.pem' } }, { WWDB_TLS: 'required' })
    expect(server).toMatchObject({ encryption: 'required', tls: { ca: 'CA', verify: true } })
    const both = { WWDB_TLS: 'required', WWDB_TLS_CA: '/project/tls/ca.pem' }
    expect(encryptionOf('mysql://u@db', {}, both)).toMatchObject({ encryption: 'required', tls: { ca: 'CA' } })
  })

  it("takes a database's own settings before those of all", () => {
    const text = { ...app, tls: { ca: 'tls/ca.pem' }, databases: { app: { tls: { verify: false } } } }
    const { config } = resolveText(JSON.stringify(text), { files })
    expect(config.databases[0]?.server.tls).toEqual({ ca: 'CA', cert: null, key: null, verify: false })
  })
})

describe('commands that open no connection', () => {
  it('need neither URLs nor their variables nor the files of TLS', () => {
    const databases = { app: { url: '${NOT_SET}', password: '${NOR_THIS}' }, other: {} }
    const text = JSON.stringify({ databases, tls: { ca: 'absent.pem' }, sandbox: { url: '${NOR_THAT}' } })
    const { config, faults } = resolveText(text, { serversNeeded: false })
    expect(faults).toEqual([])
    expect(config.databases.map(({ name, server }) => `${name} ${server.label}`)).toEqual([
      'app no server',
      'other no server',
    ])
  })

  it('still hear of everything else', () => {
    const resolution = resolveText('{"databases": {"app": {}}, "prefix": "${P}"}', { serversNeeded: false })
    expect(sentences(resolution)).toEqual([
      'prefix needs the variable `P`, which is not set. Set `P`, or write a default: ${P:-default}.',
    ])
  })
})

describe('environments', () => {
  it('only the chosen one needs its variables', () => {
    const text = JSON.stringify({ ...app, environments: { prod: { protected: true, url: '${PROD_URL}' } } })
    expect(sentences(resolveText(text))).toEqual([])
    expect(sentences(resolveText(text, { environmentName: 'prod' }))).toEqual([
      'environments.prod.url needs the variable `PROD_URL`, which is not set. Set `PROD_URL`, or write a default: ${PROD_URL:-default}.',
    ])
    const { config } = resolveText(text, { environmentName: 'prod', environment: { PROD_URL: 'mysql://u@prod' } })
    expect(config).toMatchObject({
      environment: 'prod',
      protected: true,
      databases: [{ server: { label: 'prod:3306' } }],
    })
  })

  it('a variable that a stronger source makes needless is not missed', () => {
    const text = JSON.stringify({ url: '${URL}', databases: { app: {} } })
    expect(sentences(resolveText(text, { flags: { url: 'mysql://u@h' } }))).toEqual([])
  })
})

describe('vtctld and its client', () => {
  it('are of the keyspace, the program by its path from the folder of the file', () => {
    const vitess = { journal: 'app', vtctld: '${VTCTLD}', vtctldclient: 'bin/vtctldclient' }
    const text = JSON.stringify({ databases: { app: { url: 'mysql://root@10.0.0.1', vitess } } })
    const read = resolveText(text, { environment: { VTCTLD: 'vtctld:15999' } }).config?.databases[0]?.vitess
    expect(read).toEqual({
      journal: 'app',
      ddlStrategy: 'vitess',
      vtctld: 'vtctld:15999',
      vtctldclient: expect.stringMatching(/^\/.*\/bin\/vtctldclient$/),
    })
  })

  it('are absent where they are not named', () => {
    const text = JSON.stringify({ databases: { app: { url: 'mysql://root@10.0.0.1', vitess: { journal: 'app' } } } })
    expect(Object.keys(resolveText(text).config?.databases[0]?.vitess ?? {})).toEqual(['journal', 'ddlStrategy'])
  })
})

describe('the server of scratch schemas of a keyspace', () => {
  const vitess = { journal: 'app', scratchUrl: 'mysql://root@10.0.0.9' }
  const scratchOf = (own: object, around: Parameters<typeof resolveText>[1] = {}) =>
    resolveText(
      JSON.stringify({ databases: { app: { url: 'mysql://root@10.0.0.1', password: 'of vtgate', vitess, ...own } } }),
      around,
    ).config?.databases[0]?.scratchServer

  it('is sent no password but that of its own URL', () => {
    expect(scratchOf({})?.password).toBeNull()
    expect(scratchOf({ password: undefined }, { environment: { MYSQL_PWD: 'common' } })?.password).toBeNull()
    const scratchUrl = 'mysql://root:${SCRATCH_PASSWORD}@10.0.0.9'
    const own = scratchOf({ vitess: { ...vitess, scratchUrl } }, { environment: { SCRATCH_PASSWORD: 'own' } })
    expect(own?.password?.reveal()).toBe('own')
  })
})
