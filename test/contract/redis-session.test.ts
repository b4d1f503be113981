import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedisDeclaration } from '../../src/domain/stores/redis/declaration.ts'
import type { StoreSession } from '../../src/engine/stores/ports.ts'
import { findRedis } from '../../src/sandbox/stores/redis-program.ts'
import { onEach, onNode, startBareNodes, type TestRedisCluster } from '../helpers/redis-cluster.ts'
import { applyAll, openTestSession } from '../helpers/redis-session.ts'
import { findRedis62 } from '../helpers/redis62.ts'
import { isAvailable } from '../helpers/servers.ts'

const hashOf = (password: string): string => createHash('sha256').update(password).digest('hex')

const declaration: Partial<RedisDeclaration> = {
  cluster: { replicas: 1, separateHosts: false },
  settings: new Map([
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['save', '900 1 300 10'],
    ['maxmemory', '64mb'],
    ['maxmemory-policy', 'volatile-lru'],
    ['notify-keyspace-events', 'Ex'],
  ]),
  users: [
    {
      name: 'app',
      enabled: true,
      passwordHashes: [hashOf('app-secret')],
      keys: ['session:*', 'lock:*'],
      channels: ['news:*'],
      commands: ['+@read', '+@write', '+@connection', '-@dangerous', '+config|get'],
    },
  ],
  families: [
    { name: 'session', prefix: 'session:', type: 'hash', role: 'session', ttl: 3_600_000, owner: 'accounts' },
    { name: 'lock', prefix: 'lock:', type: 'string', role: 'lock', ttl: 30_000, owner: 'jobs' },
  ],
}

/** One drift each: what is done by hand, to which node, and what the plan must say about it. */
const drifts: readonly (readonly [string, number, readonly string[], string])[] = [
  ['append-only file off', 0, ['CONFIG', 'SET', 'appendonly', 'no'], 'setting appendonly'],
  ['no snapshots', 1, ['CONFIG', 'SET', 'save', ''], 'setting save'],
  ['another fsync', 2, ['CONFIG', 'SET', 'appendfsync', 'no'], 'setting appendfsync'],
  ['another limit', 3, ['CONFIG', 'SET', 'maxmemory', '65mb'], 'setting maxmemory'],
  ['another eviction', 4, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'], 'setting maxmemory-policy'],
  ['other events', 5, ['CONFIG', 'SET', 'notify-keyspace-events', 'KEA'], 'setting notify-keyspace-events'],
  ['a user gone', 0, ['ACL', 'DELUSER', 'app'], 'user app'],
  ['another password', 1, ['ACL', 'SETUSER', 'app', 'resetpass', '>other'], 'user app'],
  ['a second password', 1, ['ACL', 'SETUSER', 'app', '>another'], 'user app'],
  ['any password', 2, ['ACL', 'SETUSER', 'app', 'nopass'], 'user app'],
  ['more commands', 3, ['ACL', 'SETUSER', 'app', '+flushall'], 'user app'],
  ['fewer commands', 3, ['ACL', 'SETUSER', 'app', '-set'], 'user app'],
  ['more keys', 4, ['ACL', 'SETUSER', 'app', '~*'], 'user app'],
  ['other channels', 5, ['ACL', 'SETUSER', 'app', 'resetchannels'], 'user app'],
  ['a user switched off', 0, ['ACL', 'SETUSER', 'app', 'off'], 'user app'],
]

const servers = [
  ['current', 'redis', findRedis],
  ['6.2', 'redis62', findRedis62],
] as const

describe.each(servers)('Redis %s', (_, name, find) => {
  describe.runIf(isAvailable(name))('six nodes', () => {
    let cluster: TestRedisCluster
    let session: StoreSession

    beforeAll(async () => {
      cluster = await startBareNodes({ program: await find() })
      session = openTestSession({ ports: cluster.nodes.map(({ port }) => port), declaration })
    })

    afterAll(async () => {
      await session.close()
      await cluster.stop()
    })

    const written = async (): Promise<readonly string[]> => {
      const said = await onEach(cluster, (client) => client.info('commandstats'))
      const writing =
        /^cmdstat_(?:config\|set|config\|rewrite|cluster\|(?:meet|addslots|replicate|set-config-epoch)|acl\|(?:setuser|save)|set|del|multi|exec)\b/
      return said.flatMap((text) =>
        text
          .split('\r\n')
          .filter((line) => writing.test(line))
          .map((line) => line.replace(/,.*/, '')),
      )
    }

    test('planning writes nothing', async () => {
      const before = await written()
      const plan = await session.plan()
      expect(plan.changes.map(({ resource }) => resource.kind)).toContain('cluster node')
      expect(await onEach(cluster, (client) => client.call('CLUSTER', 'INFO'))).toEqual(
        cluster.nodes.map(() => expect.stringContaining('cluster_slots_assigned:0')),
      )
      if (name === 'redis') expect(await written()).toEqual(before)
    })

    test('one cluster is made of them, and everything is good', async () => {
      await applyAll(session)
      const checks = await session.verify()
      const wrong = checks.filter(
        ({ state, name: check }) => state !== 'good' && !/password|evicts|more rights/.test(check),
      )
      expect(wrong).toEqual([])
      const rights = checks.find(({ name: check }) => check === 'users have no more rights than applications need')
      expect(rights).toMatchObject(
        name === 'redis' ? { state: 'warning', seen: 'app may run config|get' } : { state: 'good' },
      )
      expect(checks.map(({ name: check }) => check)).toContain('all 16,384 slots are served')
    })

    test('a second plan is empty, and nothing is written by applying it', async () => {
      const before = await written()
      expect((await applyAll(session)).changes).toEqual([])
      if (name === 'redis') expect(await written()).toEqual(before)
    })

    test('the user gets in with its password, on every node, and may do what is declared', async () => {
      const said = await onEach(cluster, async (client) => {
        await client.call('AUTH', 'app', 'app-secret')
        return client.call('FLUSHALL').catch((error: unknown) => String(error))
      })
      expect(new Set(said)).toEqual(new Set([expect.stringContaining('NOPERM')]))
    })

    test('what is set is in the configuration file, and no password', async () => {
      for (const { directory } of cluster.nodes) {
        const file = await readFile(join(directory, 'redis.conf'), 'utf8')
        expect(file).toContain('appendonly yes')
        expect(file).toContain('user app on')
        expect(file).not.toContain('app-secret')
      }
    })

    test.each(drifts)('%s is found, named and put right', async (_drift, index, command, resource) => {
      const [first = '', ...words] = command
      const node = cluster.nodes[index]
      if (node === undefined) throw new Error('no such node')
      await onNode(node, (client) => client.call(first, ...words))
      const plan = await applyAll(session)
      expect(plan.changes.map((change) => `${change.resource.kind} ${change.resource.name}`)).toEqual([resource])
      expect(plan.changes[0]?.differences.map(({ path }) => path).join()).toContain(`127.0.0.1:${node.port}`)
      expect(JSON.stringify(plan)).not.toContain(hashOf('app-secret'))
      expect((await session.plan()).changes).toEqual([])
    })
  })
})
