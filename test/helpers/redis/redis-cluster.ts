import { Redis } from 'ioredis'
import { waitUntil } from '../../../src/sandbox/process.ts'
import type { ServerProgram } from '../../../src/sandbox/programs.ts'
import { startRedis, type TestRedis } from './redis.ts'

/** Nodes of a Redis Cluster; the first `primaries` of them were made primaries. */
export interface TestRedisCluster {
  readonly nodes: readonly TestRedis[]
  /** All of its nodes, with commas. */
  readonly url: string
  readonly stop: () => Promise<void>
}

export interface TestRedisClusterOptions {
  readonly primaries?: number
  /** Of each primary. */
  readonly replicas?: number
  /** For every node, as on the command line of redis-server. */
  readonly flags?: readonly string[]
  readonly program?: ServerProgram
}

/** Nodes notice that one of them is gone after a second. */
const clusterFlags = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0']

/** Starts nodes that know nothing of each other yet. */
export async function startBareNodes(options: TestRedisClusterOptions = {}): Promise<TestRedisCluster> {
  const { primaries = 3, replicas = 1, flags = [], program } = options
  const count = primaries * (1 + replicas)
  const nodes = await Promise.all(Array.from({ length: count }, () => startRedis([...clusterFlags, ...flags], program)))
  return {
    nodes,
    url: `redis://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

/** A cluster that is ready: every node agrees, and every replica has its primary's data. Three primaries alone unless another shape is given. */
export async function startRedisCluster(options: TestRedisClusterOptions = {}): Promise<TestRedisCluster> {
  const { primaries = 3, replicas = 0 } = options
  const cluster = await startBareNodes({ ...options, primaries, replicas })
  const clients = cluster.nodes.map((node) => new Redis({ port: node.port, host: '127.0.0.1', protocol: 2 }))
  try {
    await Promise.all(clients.slice(0, primaries).map((client, index) => giveSlots(client, index, primaries)))
    const [first] = clients
    for (const { port } of cluster.nodes) await first?.call('CLUSTER', 'MEET', '127.0.0.1', port)
    await until(clients, 'CLUSTER', (said) => said.includes(`cluster_known_nodes:${clients.length}`))
    const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID')))
    const followers = clients.slice(primaries)
    await Promise.all(
      followers.map((client, index) => client.call('CLUSTER', 'REPLICATE', String(ids[index % primaries]))),
    )
    await until(clients, 'CLUSTER', (said) => said.includes('cluster_state:ok'))
    await until(followers, 'INFO', (said) => said.includes('master_link_status:up'))
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  } finally {
    for (const client of clients) client.disconnect()
  }
}

async function giveSlots(client: Redis, index: number, primaries: number): Promise<void> {
  const first = Math.floor((16384 * index) / primaries)
  const end = Math.floor((16384 * (index + 1)) / primaries)
  await client.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: end - first }, (_, offset) => first + offset))
  await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
}

/** Waits until every node says so. */
async function until(
  clients: readonly Redis[],
  command: 'CLUSTER' | 'INFO',
  isReady: (said: string) => boolean,
): Promise<void> {
  const ready = await waitUntil(async () => {
    const words = command === 'INFO' ? ['replication'] : ['INFO']
    const said = await Promise.all(clients.map((client) => client.call(command, ...words)))
    return said.every((text) => isReady(String(text)))
  }, 30_000)
  if (!ready) throw new Error('the nodes did not become a cluster within 30 s')
}

/** Makes bare nodes of them again, for the next test: what the tool itself never does. */
export async function makeBare(cluster: TestRedisCluster): Promise<void> {
  await onEach(cluster, async (client) => {
    if (String(await client.info('replication')).includes('role:slave')) await client.call('CLUSTER', 'RESET', 'HARD')
    await client.flushall()
    await client.call('CLUSTER', 'RESET', 'HARD')
  })
}

/** Does the same on every node. */
export async function onEach<T>(
  { nodes }: Pick<TestRedisCluster, 'nodes'>,
  work: (client: Redis, index: number) => Promise<T>,
): Promise<readonly T[]> {
  return Promise.all(nodes.map((node, index) => onNode(node, (client) => work(client, index))))
}

export async function onNode<T>({ port }: Pick<TestRedis, 'port'>, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: '127.0.0.1', protocol: 2, enableReadyCheck: false, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    return await work(client)
  } finally {
    client.disconnect()
  }
}
