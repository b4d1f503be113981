import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../../src/sandbox/process.ts'
import type { ServerProgram } from '../../../src/sandbox/programs.ts'
import type { StoreSession } from '../../../src/stores/contract.ts'
import type { ClusterDeclaration } from '../../../src/stores/redis/declaration.ts'
import type { TestRedis } from '../../helpers/redis/redis.ts'
import {
  onEach,
  onNode,
  startBareNodes,
  startRedisCluster,
  type TestRedisCluster,
} from '../../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../../helpers/redis/redis-session.ts'
import { findRedis62 } from '../../helpers/redis/redis62.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const versions: readonly (readonly [string, 'redis' | 'redis62', (() => Promise<ServerProgram>) | null])[] = [
  ['of the machine', 'redis', null],
  ['6.2', 'redis62', findRedis62],
]

const slot = 12

/** Whether a line of CLUSTER NODES has the slot. */
function hasSlot(line = ''): boolean {
  return line.split(' ').some((word) => {
    const [first = -1, last = first] = word.split('-').map(Number)
    return /^\d+(-\d+)?$/.test(word) && first <= slot && slot <= last
  })
}

for (const [version, server, find] of versions) {
  describe.runIf(isAvailable(server))(`slots of Redis ${version} that were left on their way`, () => {
    let cluster: TestRedisCluster
    let bare: TestRedisCluster
    const sessions: StoreSession[] = []
    const said: string[] = []
    const at = (index: number): TestRedis => cluster.nodes[index] ?? expect.fail(`there is no node ${index}`)
    const nameOf = ({ port }: TestRedis) => `127.0.0.1:${port}`
    const open = (more: Partial<ClusterDeclaration> = {}, nodes: readonly TestRedis[] = cluster.nodes) => {
      const session = openTestSession({
        ports: nodes.map(({ port }) => port),
        declaration: { cluster: { replicas: 1, separateHosts: false, ...more } },
        waitTimeout: 20_000,
        report: (message) => said.push(message),
      })
      sessions.push(session)
      return session
    }
    /** A key of the slot. */
    const keyOf = (node: TestRedis) =>
      onNode(node, async (client) => {
        for (let number = 0; ; number++)
          if (Number(await client.call('CLUSTER', 'KEYSLOT', `key:${number}`)) === slot) return `key:${number}`
      })
    const idOf = (node: TestRedis) => onNode(node, async (client) => String(await client.call('CLUSTER', 'MYID')))
    const setSlot = (node: TestRedis, ...words: readonly string[]) =>
      onNode(node, (client) => client.call('CLUSTER', 'SETSLOT', String(slot), ...words))
    const markers = async (nodes: Pick<TestRedisCluster, 'nodes'> = cluster) =>
      (await onEach(nodes, async (client) => String(await client.call('CLUSTER', 'NODES')))).flatMap(
        (text) => text.match(/\[\d+-[<>]-\w+\]/g) ?? [],
      )
    /** Whether every node says that this one has the slot. */
    const everyoneSees = (owner: TestRedis) =>
      waitUntil(async () => {
        const id = await idOf(owner)
        const all = await onEach(cluster, async (client) => String(await client.call('CLUSTER', 'NODES')))
        return all.every((text) => hasSlot(text.split('\n').find((line) => line.startsWith(id))))
      }, 20_000)
    /** The primary of the slot, another one, and the replica of the first. */
    const roles = async (): Promise<readonly [TestRedis, TestRedis, TestRedis]> => {
      const states = await onEach(cluster, async (client) => String(await client.call('CLUSTER', 'NODES')))
      const own = states.map((text) => text.split('\n').find((line) => line.includes('myself')) ?? '')
      const first = own.findIndex((line) => line.includes('master') && hasSlot(line))
      const other = own.findIndex((line, index) => line.includes('master') && index !== first)
      return [at(first), at(other), at(own.findIndex((line) => line.includes(`slave ${own[first]?.split(' ')[0]}`)))]
    }

    beforeAll(async () => {
      const program = find === null ? {} : { program: await find() }
      cluster = await startRedisCluster({ primaries: 3, replicas: 1, ...program })
      bare = await startBareNodes({ primaries: 1, replicas: 0, ...program })
    })
    afterEach(async () => {
      for (const session of sessions.splice(0)) await session.close()
    })
    afterAll(async () => {
      await bare?.stop()
      await cluster?.stop()
    })

    it('a run that was killed before it told the source: the source keeps its marker, and the next run removes it', async () => {
      const [source, target] = await roles()
      await setSlot(target, 'IMPORTING', await idOf(source))
      await setSlot(source, 'MIGRATING', await idOf(target))
      await setSlot(target, 'NODE', await idOf(target))
      expect(await everyoneSees(target)).toBe(true)
      expect(await markers()).toEqual([`[${slot}->-${await idOf(target)}]`])
      for (const primaries of [null, 3]) {
        const { changes } = await open({ primaries }).plan()
        expect(changes[0]?.summary).toBe(`close 1 slot on ${nameOf(source)}, whose move has ended: ${slot}`)
      }
      const checks = await open().verify()
      expect(checks.find(({ name }) => name === 'no slot is migrating')).toMatchObject({ state: 'bad' })
      await applyAll(open({ primaries: 3 }))
      expect(await markers()).toEqual([])
      expect((await open({ primaries: 3 }).plan()).changes).toEqual([])
    })

    it('a slot on its way is refused where nothing says that slots move, and finished where something does', async () => {
      const [source, target] = await roles()
      await setSlot(target, 'IMPORTING', await idOf(source))
      await setSlot(source, 'MIGRATING', await idOf(target))
      await expect(open().plan()).rejects.toMatchObject({
        code: 'REDIS_SLOTS_OPEN',
        faults: [{ what: expect.stringContaining(`from ${nameOf(source)} to ${nameOf(target)}`) }],
      })
      const { findings } = await open().compare()
      expect(JSON.stringify(findings)).toContain('the declaration moves none')
      await applyAll(open({ primaries: 3 }))
      expect(await markers()).toEqual([])
      expect((await open().plan()).changes).toEqual([])
    })

    it('the source is failed over in the middle: the move goes on from the new one', async () => {
      const [source, target, replica] = await roles()
      const key = await keyOf(source)
      await onNode(source, (client) => client.set(key, 'kept'))
      await setSlot(target, 'IMPORTING', await idOf(source))
      await setSlot(source, 'MIGRATING', await idOf(target))
      await onNode(replica, (client) => client.call('CLUSTER', 'FAILOVER'))
      const isPrimary = () =>
        onNode(replica, async (client) => (await client.info('replication')).includes('role:master'))
      expect(await waitUntil(isPrimary, 20_000)).toBe(true)
      const session = open({ primaries: 3 })
      // Once the others have heard of it, nothing else is in the way.
      const first = `finish moving 1 slot from ${nameOf(replica)} to ${nameOf(target)}: ${slot}`
      const firstStep = async () => (await session.plan().catch(() => null))?.changes[0]?.summary
      await expect.poll(firstStep, { timeout: 20_000 }).toBe(first)
      await applyAll(session)
      expect(await markers()).toEqual([])
      expect((await session.plan()).changes).toEqual([])
      const [owner] = await roles()
      expect(await onNode(owner, (client) => client.get(key))).toBe('kept')
    })

    it('a node that leaves with keys and without slots is refused in the plan', async () => {
      const [leaving] = bare.nodes
      if (leaving === undefined) throw new Error('there is no bare node')
      const [source] = await roles()
      await onNode(source, (client) => client.call('CLUSTER', 'MEET', '127.0.0.1', String(leaving.port)))
      const nodes = [...cluster.nodes, leaving]
      const knowsAll = () =>
        onEach({ nodes }, async (client) => String(await client.call('CLUSTER', 'INFO'))).then((all) =>
          all.every((text) => text.includes('cluster_known_nodes:7') && text.includes('cluster_state:ok')),
        )
      expect(await waitUntil(knowsAll, 20_000)).toBe(true)
      const key = await keyOf(leaving)
      await setSlot(leaving, 'IMPORTING', await idOf(source))
      await onNode(leaving, async (client) => {
        await client.call('ASKING')
        await client.set(key, 'left')
      })
      await setSlot(leaving, 'STABLE')
      await expect(open({ primaries: 3, remove: [nameOf(leaving)] }, nodes).plan()).rejects.toMatchObject({
        code: 'REDIS_NODE_NOT_EMPTY',
        faults: [{ what: `${nameOf(leaving)} is to leave the cluster, and has 1 key of its own.` }],
      })
      await onNode(leaving, (client) => client.flushall())
      await applyAll(open({ primaries: 3, remove: [nameOf(leaving)] }, nodes))
      expect((await open({ primaries: 3 }).plan()).changes).toEqual([])
    })
  })
}
