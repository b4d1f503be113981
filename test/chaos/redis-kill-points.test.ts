import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBare, onEach, startBareNodes, type TestRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { type Gate, startGate } from '../helpers/servers/gate.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import type { RunningTool } from '../helpers/tool/tool.ts'
import { isSoak, randomFrom, sample, seed } from './support/seed.ts'

const openStage = withStages()
const password = 'application-password-0817'

const declarations = `
cluster: { replicas: 1 }
persistence: { appendOnly: true, fsync: everysec }
families:
  session: { prefix: "session:", type: hash, role: session, ttl: 1h, owner: accounts }
functions:
  shop: { code: "#!lua name=shop\\nredis.register_function('shop_take', function() return 1 end)" }
users:
  app: { password: ${password}, families: [session], commands: ["+@read", "+@write", "-@dangerous"] }
`

/** Commands of the client that change something; what only looks is no point to inject at. */
const writing =
  /CLUSTER\r\n\$\d+\r\n(?:ADDSLOTS|SET-CONFIG-EPOCH|MEET|REPLICATE)\r\n|REWRITE\r\n|\$3\r\nSET\r\n|SETUSER\r\n|FUNCTION\r\n\$4\r\nLOAD\r\n/i

/** How many packets with such commands an unharmed run sends, at least: slots, epochs, meetings, replicas; settings and a user on six nodes, functions on three. */
const fewest = 30

describe.runIf(isAvailable('redis'))('setup apply is killed', () => {
  let cluster: TestRedisCluster
  let stage: Stage
  let gates: readonly Gate[]
  let sent = 0
  let injectAt = Number.POSITIVE_INFINITY
  let passOn = false
  let tool: RunningTool | null = null

  /** Counts what is sent to any node, and kills the sender at the chosen one: with it on its way, or not. */
  const watch = (packet: Buffer): 'pass' | 'drop' => {
    if (!writing.test(packet.toString('latin1'))) return 'pass'
    sent += 1
    if (sent < injectAt) return 'pass'
    tool?.child.kill('SIGKILL')
    return passOn && sent === injectAt ? 'pass' : 'drop'
  }

  beforeAll(async () => {
    cluster = await startBareNodes()
    gates = await Promise.all(cluster.nodes.map(({ port }) => startGate(port, watch)))
    const url = `redis://${gates.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
    const files = { 'migrations/redis/all.yaml': declarations }
    stage = await openStage({ create: false, files, configuration: { stores: { redis: { url } } } })
  })

  afterAll(async () => {
    for (const gate of gates) gate.close()
    await cluster.stop()
  })

  /** As they were before anything was set up. */
  const begin = async (): Promise<void> => {
    await makeBare(cluster)
    await onEach(cluster, async (client) => {
      await client.config('SET', 'appendonly', 'no')
      await client.call('ACL', 'DELUSER', `${stage.prefix}app`)
      await client.call('FUNCTION', 'FLUSH')
    })
    sent = 0
  }

  const apply = async (): Promise<number | null> => {
    tool = stage.start(['setup', 'apply'])
    return (await tool.ended).exitCode
  }

  const expectDone = async (): Promise<void> => {
    injectAt = Number.POSITIVE_INFINITY
    expect(await apply()).toBe(0)
    expect((await stage.run(['setup', 'plan', '--exit-code'])).exitCode).toBe(0)
    const verified = await stage.run(['setup', 'verify'])
    expect(verified.stdout).toContain('all 16,384 slots are served')
    expect(verified.exitCode).toBe(0)
  }

  const points = Array.from({ length: isSoak ? 60 : fewest }, (_, index) => ({
    point: index + 1,
    arrives: index % 2 === 0,
  }))

  test.each(sample(points, 2, randomFrom(seed)))(
    `at packet $point that writes (arrives: $arrives, seed ${seed}): the next run converges`,
    async ({ point, arrives }) => {
      await begin()
      injectAt = point
      passOn = arrives
      const exitCode = await apply()
      // Past the last packet of a run nothing is injected.
      if (sent >= point) expect(exitCode).toBe(null)
      else expect(exitCode).toBe(0)
      if (!isSoak) expect(sent).toBeGreaterThanOrEqual(point)
      await expectDone()
    },
  )
})
