import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGuard } from '../helpers/elasticsearch/elasticsearch-guard.ts'
import { withElasticsearch } from '../helpers/elasticsearch/elasticsearch-stage.ts'
import { describeInfluxdb, withInfluxdb } from '../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../helpers/influxdb/influxdb-session.ts'
import { setInfluxTrap } from '../helpers/influxdb/influxdb-trap.ts'
import { startRedis, type TestRedis } from '../helpers/redis/redis.ts'
import { startRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { startGate } from '../helpers/servers/gate.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { type KillPoint, PruneProject, type PruneStory } from './support/prune-story.ts'
import { isSoak, longest, randomFrom, sample, seed } from './support/seed.ts'

const random = randomFrom(seed)

/** A prune and a restore that are killed, each at points that the seed chooses; in a soak at all of them. */
function describeKills(open: () => PruneStory): void {
  let project: PruneProject
  beforeAll(() => {
    project = new PruneProject(open())
  })
  afterAll(() => project.close())

  const serverPoints = (removals: number): readonly KillPoint[] =>
    Array.from({ length: 2 * removals }, (_, at) => ({
      at: 'server',
      write: Math.floor(at / 2) + 1,
      arrives: at % 2 === 1,
    }))

  it(
    `a prune: nothing is gone without a file, and the next run goes on (seed ${seed})`,
    async () => {
      const onDisk = await project.listDisk()
      // The folder is made, the file is tried, written and named.
      expect(onDisk.length).toBeGreaterThan(6)
      const points = [...sample(onDisk, 1, random), ...sample(serverPoints(open().removals), 1, random)]
      for (const point of points) {
        // Some are restored right after the kill, the others once the next run has removed the rest.
        for (const goesOn of isSoak ? [true, false] : [random() < 0.5]) {
          await project.begin()
          await project.killPrune(point)
          if (goesOn) await project.prune()
          await project.expectBack()
          await project.prune()
        }
      }
    },
    longest,
  )

  it(
    'a prune, and what it left is swept by one a day later',
    async () => {
      const onDisk = await project.listDisk()
      const isHalf = (name: string) => (point: KillPoint) =>
        point.at === 'disk' && point.point.moment === 'half' && point.point.what.includes(name)
      for (const name of ['.part', '.try-']) {
        const point = onDisk.find(isHalf(name))
        if (point === undefined) throw new Error(`nothing is written into ${name}`)
        await project.begin()
        await project.killPrune(point)
        await project.expectSwept()
      }
    },
    longest,
  )

  it(
    `a restore: the same command goes on, and finds nothing to do then (seed ${seed})`,
    async () => {
      for (const point of sample(serverPoints(open().removals), 1, random)) {
        await project.begin()
        await project.prune()
        await project.killRestore(point)
        await project.expectBack()
        await project.expectBack()
      }
    },
    longest,
  )
}

describe.runIf(isAvailable('redis')).each([
  ['libraries of Redis', async (): Promise<readonly TestRedis[]> => [await startRedis()]],
  ['libraries of a Redis Cluster, each on every primary,', async () => (await startRedisCluster()).nodes],
])('%s survive the kill of', (_what, start) => {
  let nodes: readonly TestRedis[] = []
  let clients: readonly Redis[] = []
  const prefix = 'pr_1_'
  beforeAll(async () => {
    nodes = await start()
    clients = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }))
  })
  afterAll(async () => {
    for (const client of clients) client.disconnect()
    await Promise.all(nodes.map((node) => node.stop()))
  })
  const library = (name: string): string =>
    `  ${name}:\n    code: |\n      #!lua name=${name}\n      redis.register_function('${name}_take', function() return 1 end)\n`
  const names = ['shop', 'till', 'stock']
  const urlOf = (ports: readonly number[]): string => `redis://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`
  describeKills(() => ({
    store: 'redis',
    settings: { url: urlOf(nodes.map(({ port }) => port)) },
    prefix,
    before: `functions:\n${[...names, 'kept'].map(library).join('')}`,
    after: `functions:\n${library('kept')}`,
    removals: names.length * nodes.length,
    observe: async () => {
      const pairs = await Promise.all(
        clients.flatMap((client, at) =>
          names.map(async (name) => {
            const found = await client.call('FUNCTION', 'LIST', 'LIBRARYNAME', prefix + name, 'WITHCODE')
            return [`${name} on ${at}`, String(found)] as const
          }),
        ),
      )
      return new Map(pairs.filter(([, text]) => text !== ''))
    },
    openWay: async (of, write, arrives, kill) => {
      const word = of === 'prune' ? /FUNCTION\r\n\$\d+\r\nDELETE\r\n/i : /FUNCTION\r\n\$\d+\r\nLOAD\r\n/i
      // Counted over all nodes.
      let left = write
      const see = (packet: Buffer): 'pass' | 'drop' => {
        if (!word.test(packet.toString('latin1'))) return 'pass'
        left -= 1
        if (left > 0) return 'pass'
        kill()
        return left === 0 && arrives ? 'pass' : 'drop'
      }
      const gates = await Promise.all(nodes.map(({ port }) => startGate(port, see)))
      const close = async (): Promise<void> => {
        for (const gate of gates) gate.close()
      }
      const environment = { WWDB_STORES_REDIS_URL: urlOf(gates.map(({ port }) => port)) }
      return { environment, close }
    },
  }))
})

describeInfluxdb('tasks of InfluxDB survive the kill of', () => {
  const server = withInfluxdb()
  const { user, password, token } = influxAdmin
  const urlOf = (port: number): string => `http://${user}:${password}@127.0.0.1:${port}`
  const buckets =
    'organization: { name: shop }\nbuckets:\n  hot: { retention: 30d, shardGroup: 1d }\n  cold: { retention: forever, shardGroup: 7d }\n'
  const tasks = `downsampling:\n  hourly: { from: hot, to: cold, window: 1h }\n  daily: { from: hot, to: cold, window: 1d }\n`
  const own = `tasks:\n  own:\n    every: 1h\n    flux: 'from(bucket: "hot") |> range(start: -1h) |> to(bucket: "cold")'\n`
  describeKills(() => ({
    store: 'influxdb',
    settings: { url: urlOf(server().port), token },
    prefix: '',
    before: `${buckets}${tasks}${own}`,
    after: buckets,
    removals: 3,
    observe: async () => {
      const headers = { authorization: `Token ${token}` }
      const answer = await fetch(`${server().url}/api/v2/tasks?org=shop`, { headers })
      const { tasks: found } = (await answer.json()) as {
        readonly tasks: readonly { readonly name: string; readonly flux: string; readonly status: string }[]
      }
      return new Map(found.map(({ name, flux, status }) => [name, { flux, status }]))
    },
    openWay: async (of, write, arrives, kill) => {
      const trap = await setInfluxTrap(server(), `${of === 'prune' ? 'DELETE' : 'POST'} /api/v2/tasks`, write, arrives)
      void trap.sprung.then(kill)
      return { environment: { WWDB_STORES_INFLUXDB_URL: urlOf(trap.port) }, close: async () => trap.close() }
    },
  }))
})

describe.runIf(isAvailable('elasticsearch'))('definitions of Elasticsearch survive the kill of', () => {
  const stage = withElasticsearch()
  const prefix = `k${randomBytes(4).toString('hex')}_`
  const before = `
policies:
  old-keep: { description: For a day, phases: { hot: { actions: { rollover: { max_age: 1d } } } } }
component_templates:
  old-base: { settings: { number_of_replicas: 0 }, mappings: { properties: { note: { type: keyword } } } }
ingest_pipelines:
  old-stamp: { description: When it came, processors: [] }
`
  const kept = 'ingest_pipelines: { kept: { processors: [] } }\n'
  const paths = ['/_ilm/policy', '/_component_template', '/_ingest/pipeline']
  afterAll(async () => {
    await stage().request('DELETE', `/_ingest/pipeline/${prefix}*`)
  })
  describeKills(() => ({
    store: 'elasticsearch',
    settings: { url: stage().url },
    prefix,
    before: `${before}  kept: { processors: [] }\n`,
    after: kept,
    removals: 3,
    observe: async () => {
      const found = await Promise.all(
        paths.map(async (path) => {
          const answer = await stage()
            .request('GET', `${path}/${prefix}old-*`)
            .catch(() => ({}))
          const text = JSON.stringify(answer, (key, value) =>
            /^(?:modified|created)_|^version$/.test(key) ? null : value,
          )
          return [path, text] as const
        }),
      )
      return new Map(found.filter(([, text]) => text.includes(`${prefix}old-`)))
    },
    openWay: async (of, write, arrives, kill) => {
      const word = of === 'prune' ? 'DELETE' : 'PUT'
      let left = write
      const see = (change: string): boolean => {
        if (!change.startsWith(word)) return false
        left -= 1
        if (left === 0) kill()
        return left <= 0
      }
      const guard = await startGuard({ url: stage().url, ...(arrives ? { onChanged: see } : { onChange: see }) })
      return { environment: { WWDB_STORES_ELASTICSEARCH_URL: guard.url }, close: guard.close }
    },
  }))
})
