import { describe, expect, it } from 'vitest'
import { warnOfReadableSecret, warnOfReadableUrl } from '../../../src/config/readable-secret.ts'
import { resolveText } from './resolve-text.ts'

const app = { url: 'mysql://root@127.0.0.1', databases: { app: {} } }

function resolve(stores: unknown, around: Parameters<typeof resolveText>[1] = {}, more: object = {}) {
  return resolveText(JSON.stringify({ ...app, stores, ...more }, null, 2), { storesNeeded: true, ...around })
}

/** Faults of the whole and those that each store keeps, as sentences. */
function sentences({ faults, config }: ReturnType<typeof resolveText>): readonly string[] {
  return [...faults, ...config.stores.flatMap((store) => store.faults)].map(({ what, why, next }) =>
    [what, why, next].filter((text) => text !== undefined).join(' '),
  )
}

describe('the stores of a configuration', () => {
  it('are what it says, with hosts, credentials and folders', () => {
    const { config, faults } = resolve(
      {
        redis: { url: 'rediss://app:s%40cret@10.0.0.1:7000,[::1]:7001,cache' },
        influxdb: { url: 'http://127.0.0.1/behind/', token: 'abc-token', declarations: 'metrics' },
      },
      {},
      { prefix: 'pr_7_' },
    )
    expect(faults).toEqual([])
    const [influxdb, redis] = config.stores
    expect(redis).toMatchObject({
      store: 'redis',
      endpoints: [
        { host: '10.0.0.1', port: 7000 },
        { host: '::1', port: 7001 },
        { host: 'cache', port: 6379 },
      ],
      secure: true,
      user: 'app',
      declarations: '/project/migrations/redis',
      prefix: 'pr_7_',
      label: '10.0.0.1:7000,[::1]:7001,cache:6379',
    })
    expect(redis?.password?.reveal()).toBe('s@cret')
    expect(influxdb).toMatchObject({ path: 'behind', secure: false, user: null, declarations: '/project/metrics' })
    expect(influxdb?.token?.reveal()).toBe('abc-token')
  })

  it.each([
    ['WWDB_STORES_REDIS_URL', 'redis://h:1', { label: 'h:1' }],
    ['WWDB_STORES_REDIS_DECLARATIONS', 'd', { declarations: '/project/below/d' }],
    ['WWDB_STORES_REDIS_TLS_VERIFY', 'false', { secure: true, tls: { verify: false } }],
  ])('yield to %s', (variable, value, expected) => {
    const { config, faults } = resolve({ redis: { url: 'redis://g' } }, { environment: { [variable]: value } })
    expect(faults).toEqual([])
    expect(config.stores[0]).toMatchObject(expected)
  })

  it('may be named by variables alone', () => {
    const { config } = resolve(undefined, { environment: { WWDB_STORES_MONGODB_URL: 'mongodb://a,b,c/admin' } })
    expect(config.stores).toMatchObject([{ store: 'mongodb', label: 'a:27017,b:27017,c:27017', path: 'admin' }])
  })

  it('stores are empty where none is named', () => {
    expect(resolve(undefined).config.stores).toEqual([])
  })

  it('need no URL where no store is opened', () => {
    const url = `\${WWDB_NOT_SET}`
    expect(sentences(resolve({ redis: { url } }, { storesNeeded: false }))).toEqual([])
    expect(sentences(resolve({ redis: { url } }))[0]).toContain('needs the variable `WWDB_NOT_SET`, which is not set')
    expect(sentences(resolve({ redis: {} }))[0]).toContain('No URL is given for stores.redis.')
  })

  it('keep to themselves what keeps them from being opened', () => {
    const { faults, config } = resolve({ redis: { url: 'redis://h' }, mongodb: {} })
    expect([faults, config.stores.map((store) => store.faults.length)]).toEqual([[], [1, 0]])
  })

  it('keep their secrets to themselves', () => {
    const { config, entries } = resolve({ influxdb: { url: 'http://u:hushhush@h', token: 'abc-token' } })
    const shown = JSON.stringify({ config, entries })
    expect(shown).not.toMatch(/hushhush|abc-token/)
    expect(entries.find(({ path }) => path === 'stores.influxdb.token')?.value).toBe('***')
  })

  it.each([
    [{ reddis: {} }, 'stores.reddis is not a known key. Did you mean `redis`?'],
    [{ redis: { token: 'x' } }, 'stores.redis.token is not a known key.'],
    [{ redis: { url: 'redis://h', tls: { cert: 'c' } } }, 'stores.redis.tls.cert is given without "key"'],
    [{ redis: { url: 'http://h' } }, 'stores.redis.url does not begin with "redis://" or "rediss://".'],
    [{ redis: { url: 'redis://h/0' } }, 'stores.redis.url has a path.'],
    [{ redis: { url: 'redis://h,h:6379' } }, 'stores.redis.url names a host twice.'],
    [{ influxdb: { url: 'http://a,b' } }, 'stores.influxdb.url names several hosts.'],
    [
      { mongodb: { url: 'mongodb://h/?replicaSet=x' } },
      'stores.mongodb.url has a parameter `replicaSet`, but parameters are not supported.',
    ],
    [{ mongodb: { url: 'mongodb://u:p/w@h' } }, 'stores.mongodb.url has a `/`, `?` or `#` before its `@`'],
    [
      { influxdb: { url: 'http://h', token: 'a', tokenFile: 'b' } },
      'stores.influxdb.tokenFile is given together with stores.influxdb.token. Keep one of them.',
    ],
  ])('%j: %s', (stores, sentence) => {
    expect(sentences(resolve(stores))[0]).toContain(sentence)
  })
})

describe('a secret of a store that everybody on the way can read', () => {
  const warnings = (stores: unknown) => resolve(stores).config.stores.map(warnOfReadableSecret)

  it.each([
    [{ redis: { url: 'redis://:s@10.0.0.1' } }, 'redis: the password and all data go to 10.0.0.1:6379 without TLS.'],
    [{ redis: { url: 'redis://127.0.0.1,10.0.0.1', password: 's' } }, 'redis: the password and all data go to'],
    [{ mongodb: { url: 'mongodb://u:s@m.example.org' } }, 'mongodb: the passwords of new users and all data'],
    [{ elasticsearch: { url: 'http://u:s@e.example.org' } }, 'elasticsearch: the password and all data go to'],
    [{ influxdb: { url: 'http://i.example.org', token: 's' } }, 'influxdb: the token and all data go to i.example.org'],
  ])('is warned of: %j', (stores, text) => {
    expect(warnings(stores)).toEqual([expect.stringContaining(text)])
  })

  it.each([
    [{ redis: { url: 'rediss://:s@10.0.0.1' } }],
    [{ redis: { url: 'redis://10.0.0.1' } }],
    [{ redis: { url: 'redis://:s@127.0.0.1,[::1],localhost' } }],
    [{ mongodb: { url: 'mongodb://u:s@m.example.org', tls: {} } }],
    [{ influxdb: { url: 'https://i.example.org', token: 's' } }],
  ])('is not there: %j', (stores) => {
    expect(warnings(stores)).toEqual([null])
  })

  it.each([
    ['redis://:s@10.0.0.1:7000/2', 'redis: the password and all data go to 10.0.0.1:7000 without TLS'],
    ['redis://10.0.0.1', null],
    ['redis://:s@[::1]', null],
    ['rediss://:s@10.0.0.1', null],
    ['nothing', null],
  ])('a secret of a URL alone, %s', (url, text) => {
    const warning = warnOfReadableUrl(url)
    expect(warning).toEqual(text === null ? null : expect.stringContaining(text))
  })
})
