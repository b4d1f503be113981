import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoreSession } from '../../src/stores/contract.ts'
import { findDrift, isAsDeclared } from '../../src/stores/find-drift.ts'
import type { Declaration } from '../../src/stores/redis/declaration.ts'
import { findRedis } from '../../src/stores/redis/sandbox.ts'
import { onEach, onNode, startBareNodes, type TestRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../helpers/redis/redis-session.ts'
import { findRedis62 } from '../helpers/redis/redis62.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { verifySession } from '../helpers/stores/store-verification.ts'

const hashOf = (password: string): string => createHash('sha256').update(password).digest('hex')

const declaration: Partial<Declaration> = {
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
        ({ state, name: check }) => state !== 'good' && !/password|evicts|more permissions/.test(check),
      )
      expect(wrong).toEqual([])
      const rights = checks.find(({ name: check }) => check === 'users have no more permissions than applications need')
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
      const found = findDrift(await session.compare())
      expect(found.map((finding) => `${finding.resource.kind} ${finding.resource.name}`)).toEqual([resource])
      expect(isAsDeclared(found)).toBe(false)
      const plan = await applyAll(session)
      expect(plan.changes.map((change) => `${change.resource.kind} ${change.resource.name}`)).toEqual([resource])
      expect(plan.changes[0]?.differences.map(({ path }) => path).join()).toContain(`127.0.0.1:${node.port}`)
      expect(JSON.stringify(plan)).not.toContain(hashOf('app-secret'))
      expect((await session.plan()).changes).toEqual([])
    })

    test('verify reads what users may do from every node, and names an undeclared user', async () => {
      const [one, two] = [cluster.nodes[1], cluster.nodes[4]]
      if (one === undefined || two === undefined) throw new Error('no such nodes')
      await onNode(one, (client) => client.call('ACL', 'SETUSER', 'app', '+flushall'))
      await onNode(two, (client) => client.call('ACL', 'SETUSER', 'hacker', 'on', 'nopass', '~*', '+@all'))
      await onNode(two, (client) =>
        client.call('ACL', 'SETUSER', 'visitor', 'on', '>secret-of-visitor', '~page:*', '+get'),
      )
      const verification = await verifySession(session)
      expect(verification).toMatchObject({ asDeclared: false })
      expect(verification.findings).toMatchObject([
        { code: 'STORE_DRIFT', severity: 'error', resource: { kind: 'user', name: 'app' } },
        { code: 'STORE_UNDECLARED', severity: 'error', resource: { kind: 'user', name: 'hacker' } },
        { code: 'STORE_UNDECLARED', severity: 'warning', resource: { kind: 'user', name: 'visitor' } },
      ])
      const [drift, hacker] = verification.findings
      expect(drift?.differences.map(({ path }) => path)).toEqual([`127.0.0.1:${one.port} commands`])
      expect(hacker?.why).toMatch(new RegExp(`^Rights: on nopass ~\\* .*\\+@all on 127\\.0\\.0\\.1:${two.port}\\.$`))
      const rights = verification.checks.find(({ name: check }) => check.startsWith('users have no more permissions'))
      expect(rights).toMatchObject({ state: 'warning' })
      expect(rights?.seen).toContain(`flushall on 127.0.0.1:${one.port}`)
      expect(rights?.seen).toContain(`hacker may access every key on 127.0.0.1:${two.port}`)
      expect(JSON.stringify(verification)).not.toContain(hashOf('secret-of-visitor'))
      // As advised: one is declared, and keeps its password; one is removed; the drift is applied away.
      expect(hacker?.next).toContain('ACL DELUSER hacker')
      await onNode(two, (client) => client.call('ACL', 'DELUSER', 'hacker'))
      const visitor = {
        name: 'visitor',
        enabled: true,
        passwordHashes: null,
        keys: ['page:*'],
        channels: [],
        commands: ['+get'],
      }
      const users = [...(declaration.users ?? []), visitor]
      const more = openTestSession({
        ports: cluster.nodes.map(({ port }) => port),
        declaration: { ...declaration, users },
      })
      await applyAll(more)
      expect(await verifySession(more)).toMatchObject({ asDeclared: true, findings: [], compared: 9 })
      await more.close()
    })

    test('what a node that is down has is never called as declared; the others are compared', async () => {
      const [one, two] = [cluster.nodes[0], cluster.nodes[5]]
      if (one === undefined || two === undefined) throw new Error('no such nodes')
      await onNode(one, (client) => client.call('CONFIG', 'SET', 'appendfsync', 'no'))
      two.freeze()
      try {
        const findings = findDrift(await session.compare())
        expect(isAsDeclared(findings)).toBe(false)
        expect(findings.map(({ code, resource }) => `${code} ${resource.kind} ${resource.name}`)).toEqual(
          expect.arrayContaining([
            'STORE_DRIFT setting appendfsync',
            `STORE_NOT_COMPARED node 127.0.0.1:${two.port}`,
            'STORE_NOT_COMPARED cluster members',
          ]),
        )
      } finally {
        two.thaw()
      }
    })
  })
})
