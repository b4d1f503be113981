import { readFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { RedisAccess } from '../../../src/stores/redis/connection.ts'
import type { Declaration } from '../../../src/stores/redis/declaration.ts'
import { startRedis, type TestRedis } from '../../helpers/redis/redis.ts'
import { onEach, onNode, startBareNodes, type TestRedisCluster } from '../../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../../helpers/redis/redis-session.ts'
import { freePort } from '../../helpers/servers/ports.ts'

const certificates = resolve(import.meta.dirname, '../../fixtures/tls')
const certificate = (name: string): string => join(certificates, name)
const password = 'pass-word-4711'

interface Attempt {
  readonly ports: readonly number[]
  readonly declaration?: Partial<Declaration>
  readonly access?: Partial<RedisAccess>
}

/** What planning says, in one sentence; no part of it may hold a secret. */
async function faultOf({ ports, declaration = {}, access = {} }: Attempt): Promise<ToolError> {
  const session = openTestSession({ ports, declaration, access })
  try {
    const error = await session.plan().then(
      () => expect.fail('it was planned'),
      (reason: unknown) => reason,
    )
    if (!(error instanceof ToolError)) throw error
    expect(`${JSON.stringify(error)}${error.stack}${String(error.cause)}`).not.toContain(password)
    return error
  } finally {
    await session.close()
  }
}

const sentence = (error: ToolError): string =>
  [error.code, error.exitCode, error.faults[0]?.what, error.faults[0]?.why].join(' | ')

describe('one node', () => {
  let redis: TestRedis

  beforeAll(async () => {
    redis = await startRedis(['--requirepass', password, '--masterauth', password])
  })

  afterAll(() => redis.stop())

  const access = { password: new Secret(password) }

  test('a server that is stopped', async () => {
    const port = await freePort()
    expect(sentence(await faultOf({ ports: [port] }))).toBe(
      `STORE_UNREACHABLE | 69 | Redis at 127.0.0.1:${port} cannot be reached. | Nothing is listening there.`,
    )
  })

  test('a wrong password, and none', async () => {
    const wrong = await faultOf({ ports: [redis.port], access: { password: new Secret(`${password}-wrong`) } })
    expect(sentence(wrong)).toMatch(/^STORE_ACCESS_DENIED \| 69 \| .* rejected these credentials\. \| WRONGPASS/)
    expect(sentence(await faultOf({ ports: [redis.port] }))).toMatch(/^STORE_ACCESS_DENIED \| 69 \| .* \| NOAUTH/)
  })

  test('a user who may only read', async () => {
    await onNode({ port: redis.port }, async (client) => {
      await client.call('AUTH', password)
      await client.call('ACL', 'SETUSER', 'reader', 'on', `>${password}`, '~*', '+@read', '+info')
    })
    const error = await faultOf({ ports: [redis.port], access: { ...access, user: 'reader' } })
    expect(sentence(error)).toMatch(
      /^STORE_ACCESS_DENIED \| 69 \| Redis at \S+ denied this user the reads that a plan needs\. \| NOPERM/,
    )
    // As advised.
    const rules = /the rules `([^`]+)`/.exec(error.faults[0]?.next ?? '')?.[1]?.split(' ') ?? []
    await onNode({ port: redis.port }, async (client) => {
      await client.call('AUTH', password)
      await client.call('ACL', 'SETUSER', 'reader', ...rules)
    })
    const session = openTestSession({
      ports: [redis.port],
      declaration: {},
      access: { ...access, user: 'reader' },
    })
    expect((await session.plan()).changes).toEqual([])
    await session.close()
  })

  test('a user that is unknown, and one that is switched off', async () => {
    await onNode({ port: redis.port }, async (client) => {
      await client.call('AUTH', password)
      await client.call('ACL', 'SETUSER', 'asleep', 'off', `>${password}`, '~*', '+@all')
    })
    for (const user of ['nobody', 'asleep']) {
      const error = await faultOf({ ports: [redis.port], access: { ...access, user } })
      expect(sentence(error)).toMatch(/^STORE_ACCESS_DENIED \| 69 \| .* rejected these credentials\. \| WRONGPASS/)
    }
  })

  test('a password for a server that has none: it may be another server than was meant', async () => {
    const open = await startRedis()
    try {
      const session = openTestSession({ ports: [open.port], declaration: {}, access })
      const error = await session.plan().then(
        () => null,
        (reason: unknown) => reason,
      )
      await session.close()
      expect(error).toMatchObject({ code: 'STORE_ACCESS_DENIED', exitCode: 69 })
    } finally {
      await open.stop()
    }
  })

  test('a server that is frozen', async () => {
    redis.freeze()
    try {
      const error = await faultOf({ ports: [redis.port], access: { ...access, timeout: 500 } })
      expect(sentence(error)).toMatch(/^STORE_UNREACHABLE \| 69 \| .* \| It did not answer in time\.$/)
    } finally {
      redis.thaw()
    }
  })

  test('a server older than supported', async () => {
    const proxy = await pretendOld(redis.port)
    try {
      const error = await faultOf({ ports: [proxy.port], access })
      expect(sentence(error)).toMatch(/^STORE_TOO_OLD \| 2 \| Redis 6\.0\.9 at \S+ is too old\./)
      expect(error.faults[0]?.next).toBe('Use Redis 6.2 or later.')
    } finally {
      proxy.close()
    }
  })

  test('an unknown setting, and one that the server will not have', async () => {
    const unknown = await faultOf({
      ports: [redis.port],
      access,
      declaration: { settings: new Map([['apendonly', 'yes']]) },
    })
    expect(sentence(unknown)).toMatch(/^REDIS_UNKNOWN_SETTING \| 2 \| Redis \S+ at \S+ has no setting `apendonly`/)
    const session = openTestSession({
      ports: [redis.port],
      access,
      declaration: { settings: new Map([['maxmemory-policy', 'best']]) },
    })
    await expect(applyAll(session)).rejects.toThrow(/CONFIG SET failed|Invalid argument|argument\(s\) must be/)
    await session.close()
  })

  test.each([
    ['+@raed', 'a category', 'Did you mean `+@read`?'],
    ['-flushal', 'a command', 'Did you mean `-flushall`?'],
    ['+nothing-like-it', 'a command', 'List them with `COMMAND LIST`.'],
  ])('a rule that it does not know is refused before anything is written: %s', async (rule, kind, next) => {
    const rules = ['+@read', '+config|get', '+select|0', '-@dangerous', rule]
    const user = { name: 'app', enabled: true, passwordHashes: null, keys: [], channels: [], commands: rules }
    const error = await faultOf({ ports: [redis.port], access, declaration: { users: [user] } })
    expect(sentence(error)).toContain(`REDIS_UNKNOWN_COMMAND | 2 | The user \`app\` has the rule \`${rule}\``)
    expect(sentence(error)).toContain(`does not have ${kind} of that name.`)
    expect(error.faults[0]?.next).toBe(next)
  })

  test('its own user is not changed under it', async () => {
    const users = [{ name: 'reader', enabled: true, passwordHashes: null, keys: [], channels: [], commands: ['+@all'] }]
    await onNode({ port: redis.port }, async (client) => {
      await client.call('AUTH', password)
      await client.call('ACL', 'SETUSER', 'reader', 'reset', 'on', `>${password}`, '~*', '+@all')
    })
    const error = await faultOf({ ports: [redis.port], access: { ...access, user: 'reader' }, declaration: { users } })
    expect(sentence(error)).toMatch(/^STORE_OWN_USER \| 2 \| The user `reader` would be changed/)
  })

  test('a configuration file that cannot be written stops everything before anything is changed', async () => {
    const { chmod, rename, mkdir, rm } = await import('node:fs/promises')
    const file = join(redis.directory, 'redis.conf')
    await rename(file, `${file}.away`)
    await mkdir(file)
    const session = openTestSession({
      ports: [redis.port],
      access,
      declaration: { settings: new Map([['timeout', '77']]) },
    })
    try {
      await expect(applyAll(session)).rejects.toThrow('STORE_REFUSED')
      expect((await session.plan()).changes.map(({ resource }) => resource.name)).toEqual(['timeout'])
    } finally {
      await rm(file, { recursive: true })
      await rename(`${file}.away`, file)
      await chmod(file, 0o600)
      await session.close()
    }
  })
})

describe('a change that loses data', () => {
  test('is marked, with what is concerned, and only where there is something to lose', async () => {
    const redis = await startRedis(['--appendonly', 'yes'])
    const declaration: Partial<Declaration> = {
      settings: new Map([
        ['appendonly', 'no'],
        ['maxmemory', '100kb'],
        ['maxmemory-policy', 'allkeys-lru'],
        ['appendfsync', 'no'],
      ]),
    }
    const session = openTestSession({ ports: [redis.port], declaration })
    try {
      const losses = async () => (await session.plan()).changes.flatMap(({ loss }) => loss ?? [])
      expect(await losses()).toEqual([])
      await onNode(redis, (client) => client.set('a', '1'))
      const found = await losses()
      expect(found.map(({ code }) => code)).toEqual([
        'persistence-off',
        'smaller-memory',
        'wider-eviction',
        'weaker-persistence',
      ])
      expect(found[0]?.affected).toEqual([`127.0.0.1:${redis.port} (1 key)`])
    } finally {
      await session.close()
      await redis.stop()
    }
  })
})

describe('six nodes that cannot become a cluster', () => {
  let cluster: TestRedisCluster
  let ports: readonly number[]
  const declaration = { cluster: { replicas: 1, separateHosts: false } }

  beforeAll(async () => {
    cluster = await startBareNodes()
    ports = cluster.nodes.map(({ port }) => port)
  })

  afterAll(() => cluster.stop())

  /** Nothing was done to any of them. */
  const untouched = async (): Promise<void> => {
    const said = await onEach(cluster, (client) => client.call('CLUSTER', 'INFO'))
    for (const text of said) expect(String(text)).toContain('cluster_known_nodes:1')
  }

  test('a cluster of too few nodes, or of a number that does not divide, is refused', async () => {
    expect(sentence(await faultOf({ ports: ports.slice(0, 4), declaration }))).toMatch(
      /^REDIS_CLUSTER_SHAPE \| 2 \| 4 nodes are configured/,
    )
    expect(sentence(await faultOf({ ports: ports.slice(0, 5), declaration }))).toMatch(
      /^REDIS_CLUSTER_SHAPE \| 2 \| 5 nodes are configured/,
    )
    await untouched()
  })

  test('replicas on other hosts, where all share one', async () => {
    const error = await faultOf({ ports, declaration: { cluster: { replicas: 1, separateHosts: true } } })
    expect(sentence(error)).toMatch(/^REDIS_HOSTS \| 2 \| There is no primary on another host for/)
    await untouched()
  })

  test('a node that holds keys', async () => {
    const [node] = cluster.nodes
    if (node === undefined) throw new Error('no node')
    await onNode(node, async (client) => {
      await client.call('CLUSTER', 'ADDSLOTS', '12182')
      await client.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
      await expect.poll(() => client.set('foo', '1').catch(() => 'not yet'), { timeout: 10_000 }).toBe('OK')
      await client.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'yes')
    })
    expect(sentence(await faultOf({ ports, declaration }))).toMatch(
      /^REDIS_NODE_NOT_EMPTY \| 2 \| \S+ is not in a cluster yet and has 1 keys?\./,
    )
    await untouched()
    await onNode(node, async (client) => {
      await client.del('foo')
      await client.call('CLUSTER', 'DELSLOTS', '12182')
    })
  })

  test('a slot that two nodes claim', async () => {
    await onEach({ nodes: cluster.nodes.slice(0, 2) }, (client) => client.call('CLUSTER', 'ADDSLOTS', '7', '8'))
    expect(sentence(await faultOf({ ports, declaration }))).toMatch(
      /^REDIS_SLOTS_CLAIMED_TWICE \| 2 \| .* both claim slots: 7-8\./,
    )
    await onEach({ nodes: cluster.nodes.slice(0, 2) }, (client) => client.call('CLUSTER', 'DELSLOTS', '7', '8'))
  })

  test('a node that is named twice', async () => {
    const [first = 0, ...others] = ports
    expect(sentence(await faultOf({ ports: [first, first, ...others.slice(0, 4)], declaration }))).toMatch(
      /^REDIS_NODE_TWICE/,
    )
  })

  test('a node that is not in cluster mode', async () => {
    const single = await startRedis()
    try {
      const error = await faultOf({ ports: [...ports.slice(0, 5), single.port], declaration })
      expect(sentence(error)).toMatch(/^REDIS_NOT_IN_CLUSTER_MODE \| 2 \| \S+ is not in cluster mode\./)
    } finally {
      await single.stop()
    }
  })

  test('nodes that know one that is not named', async () => {
    const [one, , , , , other] = cluster.nodes
    if (one === undefined || other === undefined) throw new Error('no node')
    await onNode(one, (client) => client.call('CLUSTER', 'MEET', '127.0.0.1', String(other.port)))
    await expect
      .poll(() => onNode(one, (client) => client.call('CLUSTER', 'NODES')), { timeout: 10_000 })
      .toMatch(/^(?![\s\S]*handshake)\S+ .*\n\S+ .*\n$/)
    const error = await faultOf({
      ports: ports.slice(0, 3),
      declaration: { cluster: { replicas: 0, separateHosts: false } },
    })
    expect(sentence(error)).toMatch(
      /^REDIS_FOREIGN_NODE \| 2 \| \S+ knows a node that is not configured: 127\.0\.0\.1:\d+/,
    )
  })
})

describe('TLS', () => {
  const flags = (ports: { readonly tls: number }) => [
    '--tls-port',
    String(ports.tls),
    '--tls-cert-file',
    certificate('here.pem'),
    '--tls-key-file',
    certificate('here.key'),
    '--tls-ca-cert-file',
    certificate('ca.pem'),
    '--tls-auth-clients',
    'no',
  ]
  const ca = readFileSync(certificate('ca.pem'), 'utf8')
  let redis: TestRedis
  let port: number

  beforeAll(async () => {
    port = await freePort()
    redis = await startRedis(flags({ tls: port }))
  })

  afterAll(() => redis.stop())

  test('with the right authority it is looked at; with the wrong one it is not reached', async () => {
    const right = openTestSession({
      ports: [port],
      declaration: {},
      access: { tls: { ca, cert: null, key: null, verify: true } },
    })
    expect((await right.plan()).changes).toEqual([])
    await right.close()
    for (const wrong of [null, readFileSync(certificate('elsewhere.pem'), 'utf8')]) {
      const error = await faultOf({
        ports: [port],
        access: { tls: { ca: wrong, cert: null, key: null, verify: true } },
      })
      expect(sentence(error)).toMatch(/^STORE_UNREACHABLE \| 69 \| .* cannot be reached\. \| TLS failed: /)
    }
  })

  test('plain text to a port of TLS, and TLS to a plain one', async () => {
    expect((await faultOf({ ports: [port] })).code).toBe('STORE_UNREACHABLE')
    const access = { tls: { ca, cert: null, key: null, verify: true } }
    expect((await faultOf({ ports: [redis.port], access })).code).toBe('STORE_UNREACHABLE')
  })
})

/** Passes everything on, and a version of before. */
async function pretendOld(target: number): Promise<{ readonly port: number; readonly close: () => void }> {
  const port = await freePort()
  const server: Server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    client.pipe(upstream)
    // As long as the real one, so that lengths stay true.
    upstream.on('data', (data) => {
      client.write(
        data.toString('latin1').replace(/redis_version:[^\r]*/, (found) => 'redis_version:6.0.9'.padEnd(found.length)),
        'latin1',
      )
    })
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))
  return { port, close: () => void server.close() }
}
