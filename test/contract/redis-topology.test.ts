import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServerProgram } from '../../src/sandbox/programs.ts'
import type { StoreSession } from '../../src/stores/contract.ts'
import type { Declaration } from '../../src/stores/redis/declaration.ts'
import { findRedis } from '../../src/stores/redis/sandbox.ts'
import { isSoak } from '../chaos/support/seed.ts'
import { startRedis, type TestRedis } from '../helpers/redis/redis.ts'
import { onEach, onNode, startRedisCluster, type TestRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../helpers/redis/redis-session.ts'
import { findRedis62 } from '../helpers/redis/redis62.ts'
import { freePort } from '../helpers/servers/ports.ts'
import { isAvailable } from '../helpers/servers/servers.ts'

const declaration: Partial<Declaration> = { cluster: { replicas: 1, separateHosts: false } }

const servers = [
  ['current', 'redis', findRedis],
  ['6.2', 'redis62', findRedis62],
] as const

describe.each(servers)('a cluster of Redis %s that others made', (_, name, find) => {
  describe.runIf(isAvailable(name))('six nodes', () => describeTopology(name, find))
})

function describeTopology(name: 'redis' | 'redis62', findProgram: () => Promise<ServerProgram>): void {
  let cluster: TestRedisCluster
  let session: StoreSession

  beforeAll(async () => {
    cluster = await startRedisCluster({ replicas: 1, program: await findProgram() })
    session = openTestSession({ ports: cluster.nodes.map(({ port }) => port), declaration, waitTimeout: 90_000 })
  })

  afterAll(async () => {
    await session.close()
    await cluster.stop()
  })

  const idOf = (node: TestRedis | undefined): Promise<string> =>
    onNode(node ?? { port: 0 }, async (client) => String(await client.call('CLUSTER', 'MYID')))

  test('is as declared, with its keys', async () => {
    await onEach({ nodes: cluster.nodes.slice(0, 3) }, (client) => client.set('foo', '1').catch(() => null))
    expect((await session.plan()).changes).toEqual([])
    const wrong = (await session.verify()).filter(({ state }) => state === 'bad')
    expect(wrong).toEqual([])
  })

  test('a replica that was given to another primary goes back to the one that has none', async () => {
    const [first, , , replica] = cluster.nodes
    const second = await idOf(cluster.nodes[1])
    await onNode(replica ?? { port: 0 }, (client) => client.call('CLUSTER', 'REPLICATE', second))
    await expect
      .poll(async () => (await session.plan()).changes.map(({ summary }) => summary)[0], { timeout: 10_000 })
      .toMatch(new RegExp(`^make \\S+ a replica of 127\\.0\\.0\\.1:${first?.port}$`))
    await applyAll(session)
    expect((await session.plan()).changes).toEqual([])
  })

  // From 7.2 on that takes the minute in which nodes keep a forgotten one out.
  if (name === 'redis62' || isSoak) {
    test('a node that another one has forgotten is introduced to it again', async () => {
      const [first, , , , , last] = cluster.nodes
      const id = await idOf(last)
      await onNode(first ?? { port: 0 }, (client) => client.call('CLUSTER', 'FORGET', id))
      const plan = await applyAll(session)
      expect(plan.changes[0]?.resource).toEqual({ kind: 'cluster', name: 'members' })
      expect(plan.changes[0]?.differences[0]?.actual).toContain(
        `127.0.0.1:${first?.port} does not know 127.0.0.1:${last?.port}`,
      )
      expect((await session.plan()).changes).toEqual([])
    }, 120_000)
  }

  test('unserved slots of a cluster with keys need a decision of a person', async () => {
    const [first] = cluster.nodes
    await onEach(cluster, (client) => client.call('CLUSTER', 'DELSLOTS', '0').catch(() => null))
    await expect(session.plan()).rejects.toMatchObject({ code: 'REDIS_SLOTS_LOST' })
    const slots = (await session.verify()).find(({ name }) => name === 'all 16,384 slots are served')
    expect(slots).toMatchObject({ state: 'bad', seen: 'by no reachable node: 0' })
    await onNode(first ?? { port: 0 }, (client) => client.call('CLUSTER', 'ADDSLOTS', '0'))
    await expect.poll(async () => (await session.plan().catch(() => null))?.changes, { timeout: 20_000 }).toEqual([])
  })

  test('a migrating slot is reported, and left alone', async () => {
    const [first] = cluster.nodes
    const second = await idOf(cluster.nodes[1])
    await onNode(first ?? { port: 0 }, (client) => client.call('CLUSTER', 'SETSLOT', '1', 'MIGRATING', second))
    const open = (await session.verify()).find(({ name }) => name === 'no slot is migrating')
    expect(open?.seen).toMatch(new RegExp(`^127\\.0\\.0\\.1:${first?.port}: \\[1->-`))
    await expect(session.plan()).rejects.toMatchObject({ code: 'REDIS_SLOTS_OPEN' })
    await onNode(first ?? { port: 0 }, (client) => client.call('CLUSTER', 'SETSLOT', '1', 'STABLE'))
  })

  test('what carries the prefix is removed, and nothing else; without a prefix nothing is', async () => {
    await expect(session.clear()).rejects.toMatchObject({ code: 'STORE_PREFIX_MISSING', exitCode: 78 })
    await onEach({ nodes: cluster.nodes.slice(0, 3) }, async (client) => {
      for (let number = 0; number < 30; number += 1) {
        for (const key of [`t[1]_a:${number}`, `t1_a:${number}`]) await client.set(key, '1').catch(() => null)
      }
      await client.call('ACL', 'SETUSER', 't[1]_app', 'on')
    })
    const prefixed = openTestSession({ ports: cluster.nodes.map(({ port }) => port), declaration, prefix: 't[1]_' })
    const said = (await prefixed.clear()).join('\n')
    await prefixed.close()
    expect(said).toContain('user t[1]_app')
    const left = (await onEach({ nodes: cluster.nodes.slice(0, 3) }, (client) => client.keys('*'))).flat()
    expect(left.filter((key) => key.startsWith('t1_'))).toHaveLength(30)
    expect(left.filter((key) => key.startsWith('t[1]_'))).toEqual([])
  })
}

describe.runIf(isAvailable('redis'))('users in a file of their own', () => {
  test('are saved there, hashed, and read from there at the next start', async () => {
    const redis = await startRedis(['--aclfile', 'users.acl', '--appendonly', 'no'], undefined, { 'users.acl': '' })
    const user = {
      name: 'app',
      enabled: true,
      passwordHashes: ['a'.repeat(64)],
      keys: ['a:*'],
      channels: [],
      commands: ['+get'],
    }
    const session = openTestSession({ ports: [redis.port], declaration: { users: [user] } })
    await applyAll(session)
    expect(await readFile(join(redis.directory, 'users.acl'), 'utf8')).toMatch(/^user app on .*~a:\*/m)
    await redis.kill()
    await redis.restart()
    expect((await session.plan()).changes).toEqual([])
    await session.close()
    await redis.stop()
  })
})

describe.runIf(isAvailable('redis'))('six nodes that speak TLS with each other', () => {
  test('become a cluster', async () => {
    const certificate = (name: string): string => resolve(import.meta.dirname, '../fixtures/tls', name)
    const ports: number[] = []
    const nodes: TestRedis[] = []
    try {
      for (let index = 0; index < 6; index += 1) {
        const port = await freePort()
        ports.push(port)
        const flags = [
          '--cluster-enabled',
          'yes',
          '--cluster-node-timeout',
          '2000',
          '--repl-diskless-sync-delay',
          '0',
          '--tls-port',
          String(port),
        ]
        const files = [
          '--tls-cert-file',
          certificate('here.pem'),
          '--tls-key-file',
          certificate('here.key'),
          '--tls-ca-cert-file',
          certificate('ca.pem'),
        ]
        nodes.push(
          await startRedis([
            ...flags,
            ...files,
            '--tls-auth-clients',
            'no',
            '--tls-cluster',
            'yes',
            '--tls-replication',
            'yes',
          ]),
        )
      }
      const tls = { ca: readFileSync(certificate('ca.pem'), 'utf8'), cert: null, key: null, verify: true }
      const session = openTestSession({ ports, declaration, access: { tls } })
      await applyAll(session)
      expect((await session.verify()).filter(({ state }) => state === 'bad')).toEqual([])
      expect((await session.plan()).changes).toEqual([])
      await session.close()
    } finally {
      await Promise.all(nodes.map((node) => node.stop()))
    }
  })
})
