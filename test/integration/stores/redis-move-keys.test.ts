import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../../src/sandbox/process.ts'
import { openRedis } from '../../../src/stores/redis/driver.ts'
import type { RedisDriver } from '../../../src/stores/redis/ports.ts'
import type { TestRedis } from '../../helpers/redis/redis.ts'
import { onEach, onNode, startRedisCluster, type TestRedisCluster } from '../../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../../helpers/redis/redis-session.ts'
import { type Gate, startGate } from '../../helpers/servers/gate.ts'
import { freePort } from '../../helpers/servers/ports.ts'

/** The first of three primaries has the slot of the tag. */
const tag = '{06S}'

describe('keys of a slot that moves', () => {
  let cluster: TestRedisCluster
  let driver: RedisDriver
  let gate: Gate
  let slot: number
  /** How many keys one packet to the target may have. */
  let most = Number.POSITIVE_INFINITY
  const requests: number[] = []
  const at = (index: number): TestRedis => cluster.nodes[index] ?? expect.fail(`there is no node ${index}`)
  const nameOf = (index: number) => `127.0.0.1:${at(index).port}`
  const move = (from: number, to: number) =>
    driver.write({
      type: 'move-slots',
      node: nameOf(from),
      target: nameOf(to),
      slots: [{ first: slot, last: slot }],
    })
  const count = (index: number) =>
    onNode(at(index), async (client) => Number(await client.call('CLUSTER', 'COUNTKEYSINSLOT', String(slot))))
  /** Its replica follows it there. */
  const announce = async (port: number) => {
    await onNode(at(1), (client) => client.call('CONFIG', 'SET', 'cluster-announce-port', String(port)))
    const says = new RegExp(`:${port}@\\d+\\S* myself`)
    const isSaid = () => onNode(at(1), async (client) => says.test(String(await client.call('CLUSTER', 'NODES'))))
    if (!(await waitUntil(isSaid, 20_000))) throw new Error('the node does not announce its port')
  }
  const replicaOf = async (index: number) => {
    const states = await onEach(cluster, async (client) => String(await client.call('CLUSTER', 'NODES')))
    const id = await onNode(at(index), async (client) => String(await client.call('CLUSTER', 'MYID')))
    return at(states.findIndex((text) => new RegExp(`myself,slave ${id} `).test(text)))
  }
  const linkOf = (replica: TestRedis) => onNode(replica, async (client) => String(await client.info('replication')))

  beforeAll(async () => {
    cluster = await startRedisCluster({ primaries: 3, replicas: 1 })
    // Nobody takes a node for dead that waits for the other one.
    await onEach(cluster, (client) => client.call('CONFIG', 'SET', 'cluster-node-timeout', '3000'))
    gate = await startGate(at(1).port, (packet) => {
      const keys = packet.toString('latin1').match(/RESTORE-ASKING/g)?.length ?? 0
      if (keys > 0) requests.push(keys)
      return keys > most ? 'drop' : 'pass'
    })
    await announce(gate.port)
    const endpoints = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
    driver = openRedis({ endpoints, user: null, password: null, tls: null, secure: false, timeout: 2_000 })
    await onNode(at(0), async (client) => {
      slot = Number(await client.call('CLUSTER', 'KEYSLOT', tag))
      for (let number = 0; number < 70; number++) await client.rpush(`${tag}:secret:${number}`, 'a', 'b')
    })
  })
  afterEach(async () => {
    most = Number.POSITIVE_INFINITY
    await announce(gate.port)
    if ((await count(1)) > 0) await move(1, 0)
    requests.length = 0
  })
  afterAll(async () => {
    await driver?.close()
    gate?.close()
    await cluster?.stop()
  })

  it('goes in batches, and in smaller ones where the target does not answer in time', async () => {
    const replica = await replicaOf(1)
    const link = new RegExp(`master_port:${gate.port}\\r\\nmaster_link_status:up`)
    await expect.poll(() => linkOf(replica), { timeout: 20_000 }).toMatch(link)
    expect(await move(0, 1)).toEqual({ unconfirmed: 0 })
    expect(requests).toEqual([50, 20])
    await move(1, 0)
    requests.length = 0
    most = 1
    await move(0, 1)
    expect([await count(0), await count(1)]).toEqual([0, 70])
    expect(requests.slice(0, 4)).toEqual([50, 10, 2, 1])
    expect(requests.filter((keys) => keys === 1)).toHaveLength(70)
  }, 300_000)

  it('a key that takes too long alone is named by its slot, type and size, and never by its name', async () => {
    most = 0
    const failure = await move(0, 1).then(
      () => expect.fail('it was moved'),
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: 'REDIS_KEY_NOT_MOVED' })
    expect(JSON.stringify(failure)).toMatch(
      new RegExp(
        `A key of slot ${slot} could not be moved from ${nameOf(0)} to ${nameOf(1)}: a list of about 0\\.\\d MB\\.`,
      ),
    )
    expect(JSON.stringify(failure)).toContain('raise `cluster-node-timeout` on every node')
    expect(JSON.stringify(failure)).not.toContain('secret')
    expect(requests).toEqual([50, 10, 2, 1, 1])
    most = Number.POSITIVE_INFINITY
    await move(0, 1)
    expect([await count(0), await count(1)]).toEqual([0, 70])
  }, 60_000)

  it('a target that the source cannot connect to is not asked for ever', async () => {
    const closed = await freePort()
    await announce(closed)
    await expect(move(0, 1)).rejects.toMatchObject({
      code: 'REDIS_KEY_NOT_MOVED',
      faults: [{ next: expect.stringContaining(`Check that ${nameOf(0)} can connect to 127.0.0.1:${closed}.`) }],
    })
    await announce(gate.port)
    await move(0, 1)
  }, 60_000)

  it('the replicas of the target confirm the keys first, and the run says when they did not', async () => {
    const replica = await replicaOf(1)
    await expect.poll(() => linkOf(replica), { timeout: 20_000 }).toMatch(/master_link_status:up/)
    replica.freeze()
    try {
      expect(await move(0, 1)).toEqual({ unconfirmed: 1 })
      expect([await count(0), await count(1)]).toEqual([0, 70])
    } finally {
      replica.thaw()
    }
    const said: string[] = []
    const late: RedisDriver = {
      ...driver,
      write: async () => ({ unconfirmed: 1 }),
      guarded: () => late,
      close: async () => {},
    }
    const session = openTestSession({
      ports: cluster.nodes.map(({ port }) => port),
      declaration: { cluster: { replicas: 1, separateHosts: false, primaries: 3 } },
      driver: late,
      report: (message) => said.push(message),
    })
    await applyAll(session).catch(() => {})
    await session.close()
    expect(said[0]).toMatch(/^Slot \d+ moved to \S+ before all of its replicas had confirmed the keys\.$/)
  }, 60_000)
})
