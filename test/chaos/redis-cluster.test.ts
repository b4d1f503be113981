import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoreSession } from '../../src/stores/contract.ts'
import type { StoreCheck } from '../../src/stores/outcome.ts'
import type { Declaration } from '../../src/stores/redis/declaration.ts'
import { openRedis } from '../../src/stores/redis/driver.ts'
import type { TestRedis } from '../helpers/redis/redis.ts'
import { makeBare, onNode, startBareNodes, type TestRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../helpers/redis/redis-session.ts'
import { startGate } from '../helpers/servers/gate.ts'
import { randomFrom, sample, seed } from './support/seed.ts'

const declaration: Partial<Declaration> = {
  cluster: { replicas: 1, separateHosts: false },
  families: [{ name: 'cache', prefix: 'cache:', type: 'string', role: 'cache', ttl: 60_000, owner: 'team-none' }],
}

/** Names of what is not good, apart from the check that users need a password: it is bad here by intent. */
async function findWrong(session: StoreSession): Promise<readonly string[]> {
  const checks = await session.verify()
  return checks.filter(({ state, name }) => state !== 'good' && !name.includes('password')).map(({ name }) => name)
}

async function seen(session: StoreSession, name: string): Promise<StoreCheck> {
  const checks = await session.verify()
  return checks.find((check) => check.name === name) ?? expect.fail(`there is no check ${name}`)
}

let cluster: TestRedisCluster
let session: StoreSession

beforeAll(async () => {
  cluster = await startBareNodes({ flags: ['--cluster-node-timeout', '1500'] })
  session = openTestSession({ ports: cluster.nodes.map(({ port }) => port), declaration, access: { timeout: 1000 } })
})

afterAll(async () => {
  await session.close()
  await cluster.stop()
})

/** The node that is, or is not, what the role says by its own account. */
async function find(role: 'master' | 'slave'): Promise<TestRedis> {
  for (const node of cluster.nodes) {
    if ((await onNode(node, (client) => client.info('replication'))).includes(`role:${role}`)) return node
  }
  throw new Error(`no node is a ${role}`)
}

describe('cut off after any action', () => {
  /** Actions of making the cluster: slots of three, epochs of six, five meetings, three replicas; and nothing at all. */
  const points = Array.from({ length: 18 }, (_, index) => index)

  test.each(sample(points, 4, randomFrom(seed)))(
    `after %i of them (seed ${seed}), the next run makes the cluster`,
    async (point) => {
      await makeBare(cluster)
      const endpoints = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
      const nodes = openRedis({ endpoints, user: null, password: null, tls: null, secure: false, timeout: 2000 })
      let left = point
      const cut = openTestSession({
        ports: [],
        declaration,
        driver: {
          ...nodes,
          write: async (write) => {
            if (left-- === 0) throw new Error('cut off')
            return nodes.write(write)
          },
        },
      })
      await applyAll(cut).catch((error: unknown) => expect(String(error)).toContain('cut off'))
      await cut.close()
      await applyAll(session)
      expect(await findWrong(session)).toEqual([])
      expect((await session.plan()).changes).toEqual([])
    },
  )
})

describe('a primary is killed', () => {
  test('verify reports the true state before, during and after', async () => {
    await makeBare(cluster)
    await applyAll(session)
    expect(await findWrong(session)).toEqual([])

    const primary = await find('master')
    await primary.kill()
    const during = await session.verify()
    expect(during.length).toBeGreaterThan(10)
    const answers = during.find(({ name }) => name === 'every node answers')
    expect(answers).toMatchObject({ state: 'bad', seen: `127.0.0.1:${primary.port}: Nothing is listening there` })
    const { changes, left } = await session.plan()
    expect(changes).toEqual([])
    expect(left).toEqual([
      expect.stringContaining(`The settings and users of 127.0.0.1:${primary.port} are left as they are.`),
      expect.stringContaining('The members and slots of the cluster are left as they are'),
    ])

    await expect
      .poll(async () => (await seen(session, 'all 16,384 slots are served')).state, { timeout: 30_000 })
      .toBe('good')
    await expect
      .poll(() => findWrong(session), { timeout: 30_000 })
      .toEqual([
        'every node answers',
        'every node knows all other nodes and considers them healthy',
        'every primary has its replicas',
        'every primary accepts writes',
      ])
    expect((await seen(session, 'every primary accepts writes')).seen).toMatch(/: 0 of 1 replicas received it/)

    await primary.restart()
    await expect.poll(() => findWrong(session), { timeout: 60_000, interval: 500 }).toEqual([])
    expect(await onNode(primary, (client) => client.info('replication'))).toContain('role:slave')
    expect((await session.plan()).changes).toEqual([])
  })

  test('while no node serves its slots, verify names them', async () => {
    const primary = await find('master')
    const checks: StoreCheck[] = []
    await primary.kill()
    checks.push(...(await session.verify()))
    await primary.restart()
    const slots = checks.find(({ name }) => name === 'all 16,384 slots are served')
    expect(slots?.state).toBe('bad')
    expect(slots?.seen).toMatch(/^by no reachable node: \d+-\d+/)
    await expect.poll(() => findWrong(session), { timeout: 60_000, interval: 500 }).toEqual([])
  })
})

describe('a replica is cut off', () => {
  test('frozen, it is named; thawed, all is good again', async () => {
    const replica = await find('slave')
    replica.freeze()
    try {
      expect(await seen(session, 'every node answers')).toMatchObject({
        state: 'bad',
        seen: `127.0.0.1:${replica.port}: It did not answer in time`,
      })
      expect((await seen(session, 'every primary has its replicas')).state).toBe('bad')
      expect((await seen(session, 'every primary accepts writes')).seen).toMatch(
        /: 0 of 1 replicas received it in time/,
      )
    } finally {
      replica.thaw()
    }
    await expect.poll(() => findWrong(session), { timeout: 60_000, interval: 500 }).toEqual([])
  })

  test('with its link down, every node says ok, and verify does not', async () => {
    const primary = await find('master')
    const gate = await startGate(primary.port)
    try {
      // Replicas come through the gate from now on; nodes talk to each other past it.
      await onNode(primary, (client) => client.config('SET', 'cluster-announce-port', String(gate.port)))
      await expect.poll(() => gate.passing(), { timeout: 30_000 }).toBeGreaterThan(0)
      await expect.poll(() => findWrong(session), { timeout: 30_000, interval: 500 }).toEqual([])
      gate.shut()
      await expect
        .poll(async () => (await seen(session, 'every primary has its replicas')).seen, { timeout: 30_000 })
        .toBe(`127.0.0.1:${primary.port} has 0 of 1 replicas`)
      expect((await seen(session, 'every node reports that the cluster is up')).state).toBe('good')
      expect((await session.plan()).changes.map(({ summary }) => summary)).toEqual([
        'wait until every node agrees and every replica has its primary’s data',
      ])
      gate.open()
      await expect.poll(() => findWrong(session), { timeout: 60_000, interval: 500 }).toEqual([])
    } finally {
      await onNode(primary, (client) => client.config('SET', 'cluster-announce-port', '0'))
      gate.close()
    }
  })
})
