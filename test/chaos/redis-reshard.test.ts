import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onNode, startBareNodes, startRedisCluster, type TestRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { startWriter } from '../helpers/redis/redis-writer.ts'
import { type Gate, startGate } from '../helpers/servers/gate.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import type { RunningTool } from '../helpers/tool/tool.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const openStage = withStages()

/** Commands that change something of the cluster. */
const writing = /CLUSTER\r\n\$\d+\r\n(?:SETSLOT|MEET|REPLICATE|FORGET|RESET|SET-CONFIG-EPOCH)\r\n|MIGRATE\r\n/i

describe.runIf(isAvailable('redis'))('setup apply is killed while slots move', () => {
  let cluster: TestRedisCluster
  let added: TestRedisCluster
  let stage: Stage
  let gates: readonly Gate[]
  let sent = 0
  let injectAt = Number.POSITIVE_INFINITY
  let passOn = false
  let tool: RunningTool | null = null
  const random = randomFrom(seed)

  /** Counts what is sent to any node, and kills the sender at the chosen one: with it on its way, or not. */
  const watch = (packet: Buffer): 'pass' | 'drop' => {
    if (!writing.test(packet.toString('latin1'))) return 'pass'
    sent += 1
    if (sent < injectAt) return 'pass'
    tool?.child.kill('SIGKILL')
    return passOn && sent === injectAt ? 'pass' : 'drop'
  }

  beforeAll(async () => {
    cluster = await startRedisCluster({ primaries: 3, replicas: 1 })
    added = await startBareNodes({ primaries: 2, replicas: 0 })
    const nodes = [...cluster.nodes, ...added.nodes]
    gates = await Promise.all(nodes.map(({ port }) => startGate(port, watch)))
    const url = `redis://${gates.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
    stage = await openStage({ create: false, configuration: { stores: { redis: { url } } } })
  })

  afterAll(async () => {
    for (const gate of gates ?? []) gate.close()
    await added?.stop()
    await cluster?.stop()
  })

  /** Kills runs at a packet of their own, `most` of them, and then lets one through; returns how many were killed. */
  async function killUntilDone(most: number): Promise<number> {
    for (let kills = 0; ; ) {
      sent = 0
      // A few of the first packets join nodes, the last ones take leave; the rest moves 4,096 slots.
      injectAt = kills < most ? 1 + Math.floor(random() ** 2 * 4000) : Number.POSITIVE_INFINITY
      passOn = random() < 0.5
      tool = stage.start(['setup', 'apply', '--yes', '--allow', 'removed-node'])
      const ended = await tool.ended
      if (ended.signal === null) {
        expect(`${ended.exitCode} ${ended.stdout}${ended.stderr}`).toMatch(/^0 /)
        return kills
      }
      kills += 1
    }
  }

  async function expectDone(): Promise<void> {
    injectAt = Number.POSITIVE_INFINITY
    const plan = await stage.run(['setup', 'plan', '--exit-code'])
    expect(`${plan.exitCode} ${plan.stdout}`).toMatch(/^0 /)
    const verified = await stage.run(['setup', 'verify'])
    expect(verified.stdout).toMatch(/all 16,384 slots are served/)
    expect(verified.exitCode, verified.stdout).toBe(0)
    for (const node of cluster.nodes)
      expect(String(await onNode(node, (client) => client.call('CLUSTER', 'NODES')))).not.toMatch(/\[\d+-[<>]-/)
  }

  test(
    `each run goes on where the last one was killed, and no key is lost (seed ${seed})`,
    async () => {
      const wanted = isSoak ? 60 : 4
      const leaving = gates.slice(cluster.nodes.length).map(({ port }) => `127.0.0.1:${port}`)
      const ports = cluster.nodes.map(({ port }) => port)
      const writer = await startWriter(ports, 3000)
      try {
        let killed = 0
        let rounds = 0
        for (; killed < wanted; rounds++) {
          stage.write('migrations/redis/all.yaml', 'cluster: { replicas: 1, primaries: 4 }\n')
          killed += await killUntilDone(isSoak ? 4 : 2)
          await expectDone()
          const out = leaving.map((node) => `'${node}'`).join(', ')
          stage.write('migrations/redis/all.yaml', `cluster: { replicas: 1, primaries: 3, remove: [${out}] }\n`)
          killed += await killUntilDone(isSoak ? 4 : 2)
          await expectDone()
          expect(rounds, `${killed} of ${wanted} kills`).toBeLessThan(3 * wanted)
        }
        await writer.writes(200)
        const writes = await writer.check()
        console.log(`${killed} runs were killed in ${rounds} rounds beside ${writes} writes (SOAK_SEED=${seed})`)
        expect(killed).toBeGreaterThanOrEqual(wanted)
      } finally {
        await writer.stop()
      }
    },
    longest,
  )
})
