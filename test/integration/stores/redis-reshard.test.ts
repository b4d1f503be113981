import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import type { ServerProgram } from '../../../src/sandbox/programs.ts'
import type { StoreSession } from '../../../src/stores/contract.ts'
import type { ClusterDeclaration } from '../../../src/stores/redis/declaration.ts'
import {
  onEach,
  onNode,
  startBareNodes,
  startRedisCluster,
  type TestRedisCluster,
} from '../../helpers/redis/redis-cluster.ts'
import { applyAll, openTestSession } from '../../helpers/redis/redis-session.ts'
import { startWriter } from '../../helpers/redis/redis-writer.ts'
import { findRedis62 } from '../../helpers/redis/redis62.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const password = 'a-password-of-the-mover'

const versions: readonly (readonly [string, 'redis' | 'redis62', (() => Promise<ServerProgram>) | null])[] = [
  ['of the machine', 'redis', null],
  ['6.2', 'redis62', findRedis62],
]

for (const [version, server, find] of versions) {
  describe.runIf(isAvailable(server))(`nodes that join and leave a cluster of Redis ${version}`, () => {
    let cluster: TestRedisCluster
    let added: TestRedisCluster
    const sessions: StoreSession[] = []
    const portsOf = (clusters: readonly TestRedisCluster[]) =>
      clusters.flatMap(({ nodes }) => nodes.map(({ port }) => port))
    const open = (more: Partial<ClusterDeclaration>, clusters: readonly TestRedisCluster[] = [cluster, added]) => {
      const session = openTestSession({
        ports: portsOf(clusters),
        declaration: { cluster: { replicas: 1, separateHosts: false, ...more } },
        waitTimeout: 60_000,
        access: { user: 'mover', password: new Secret(password) },
      })
      sessions.push(session)
      return session
    }
    const verify = async (clusters: readonly TestRedisCluster[]) => {
      const session = openTestSession({
        ports: portsOf(clusters),
        declaration: { cluster: { replicas: 1, separateHosts: false } },
      })
      sessions.push(session)
      return session.verify()
    }
    const nameOf = (port: number | undefined) => `127.0.0.1:${port}`
    /** What each node has of the slots, by its own account. */
    const sizes = async (clusters: readonly TestRedisCluster[]) => {
      const counts = await Promise.all(
        clusters
          .flatMap(({ nodes }) => nodes)
          .map((node) =>
            onNode(node, async (client) => {
              const lines = String(await client.call('CLUSTER', 'NODES')).split('\n')
              const words =
                lines
                  .find((line) => line.includes('myself'))
                  ?.trim()
                  .split(' ')
                  .slice(8) ?? []
              return words.reduce((sum, word) => {
                const [first = 0, last = first] = word.split('-').map(Number)
                return sum + last - first + 1
              }, 0)
            }),
          ),
      )
      return counts.filter((count) => count > 0).toSorted((one, other) => one - other)
    }

    beforeAll(async () => {
      const program = find === null ? {} : { program: await find() }
      cluster = await startRedisCluster({ primaries: 3, replicas: 1, ...program })
      added = await startBareNodes({ primaries: 2, replicas: 0, ...program })
      // What the page says that it needs, and no more.
      const rules = '+@admin +acl +cluster +info +command +multi +exec +migrate +restore-asking +select +wait ~*'.split(
        ' ',
      )
      for (const one of [cluster, added])
        await onEach(one, (client) => client.call('ACL', 'SETUSER', 'mover', 'on', `>${password}`, ...rules))
    })
    afterAll(async () => {
      for (const session of sessions) await session.close()
      await added?.stop()
      await cluster?.stop()
    })

    // 4,096 slots, each with its keys and a question to replicas: up to a minute on a busy machine.
    it('two are added: a primary with its share of the slots, and its replica, while a client writes', {
      timeout: 240_000,
    }, async () => {
      await expect(open({}).plan()).rejects.toMatchObject({
        code: 'REDIS_CLUSTER_SHAPE',
        faults: [{ next: expect.stringContaining('with `primaries: 4` each primary gets its equal share') }],
      })
      const writer = await startWriter(portsOf([cluster]), 5000)
      try {
        const session = open({ primaries: 4 })
        const { changes } = await session.plan()
        const moves = changes.filter(({ resource }) => resource.kind === 'cluster slots')
        expect(moves.map(({ summary }) => summary)).toEqual([
          expect.stringMatching(/^move 136\d slots from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+: \d+-\d+$/),
          expect.stringMatching(/^move 136\d slots/),
          expect.stringMatching(/^move 136\d slots/),
        ])
        expect(changes.map(({ loss }) => loss)).toEqual(changes.map(() => null))
        await applyAll(session)
        expect((await session.plan()).changes).toEqual([])
        expect(await sizes([cluster, added])).toEqual([4096, 4096, 4096, 4096])
        await writer.writes(200)
        expect(await writer.check()).toBeGreaterThan(200)
        const checks = await verify([cluster, added])
        expect(checks.filter(({ state, name }) => state === 'bad' && !name.includes('password'))).toEqual([])
      } finally {
        await writer.stop()
      }
    })

    it('two leave by a code alone: their slots move first, and none is forgotten that has some', {
      timeout: 240_000,
    }, async () => {
      const writer = await startWriter(portsOf([cluster, added]), 5000)
      const leaving = portsOf([added]).map(nameOf)
      try {
        const session = open({ primaries: 3, remove: leaving })
        const { changes } = await session.plan()
        const losses = changes.flatMap(({ loss, summary }) => (loss === null ? [] : [`${loss.code}: ${summary}`]))
        expect(losses.toSorted()).toEqual(
          leaving.map((node) => `removed-node: remove ${node} from the cluster`).toSorted(),
        )
        const [last] = changes.slice(-1)
        // Out of order, it is refused by the node itself.
        const removal = changes.find(({ loss }) => loss?.affected[0]?.includes('which move') === true) ?? last
        if (removal === undefined) throw new Error('nothing is removed')
        await expect(session.apply(removal)).rejects.toMatchObject({ code: 'REDIS_NODE_NOT_EMPTY' })
        await applyAll(session)
        const after = await session.plan()
        expect(after.changes).toEqual([])
        expect(after.notes.join(' ')).toContain('take it out of `stores.redis.url` and of `cluster.remove`')
        expect(await sizes([cluster, added])).toEqual([5461, 5461, 5462])
        await writer.writes(200)
        await writer.check()
        for (const node of added.nodes) {
          const [known, keys] = await onNode(node, async (client) => [
            String(await client.call('CLUSTER', 'NODES'))
              .trim()
              .split('\n').length,
            await client.dbsize(),
          ])
          expect([known, keys]).toEqual([1, 0])
        }
        const alone = open({}, [cluster])
        expect((await alone.plan()).changes).toEqual([])
        const checks = await verify([cluster])
        expect(checks.filter(({ state, name }) => state === 'bad' && !name.includes('password'))).toEqual([])
      } finally {
        await writer.stop()
      }
    })
  })
}
