import { cpSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DoctorResult } from '../../../src/doctor/commands/doctor-view.ts'
import { endedOn } from '../../../src/doctor/end-of-life.ts'
import { waitUntil } from '../../../src/sandbox/process.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { startMongodb } from '../../helpers/mongodb/mongodb.ts'
import { startRedis } from '../../helpers/redis/redis.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const root = join(import.meta.dirname, '../../..')
const kinds = ['elasticsearch', 'influxdb', 'mongodb', 'redis'] as const
const schemes = { elasticsearch: 'http', influxdb: 'http', mongodb: 'mongodb', redis: 'redis' } as const

function declare(folder: string): void {
  for (const kind of kinds)
    cpSync(join(root, 'migrations', kind), join(folder, 'migrations', kind), { recursive: true })
}

async function put(url: string, method: string, body: object, authorization?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) }
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`)
  return response
}

describe('wwdb doctor where every server and every store is down', () => {
  let answer: DoctorResult
  let milliseconds = 0

  beforeAll(async () => {
    const stores = Object.fromEntries(kinds.map((kind) => [kind, { url: `${schemes[kind]}://${hostname()}:1` }]))
    const stage = await openStage({ create: false, configuration: { url: 'mysql://root@127.0.0.1:1', stores } })
    declare(stage.folder)
    const started = performance.now()
    answer = (await examine(stage)).answer
    milliseconds = performance.now() - started
  }, 60_000)

  test('answers within ten seconds, and names each', () => {
    expect(milliseconds).toBeLessThan(10_000)
    expect(answer).toMatchObject({ servers: { answered: 0, all: 1 }, stores: { answered: 0, all: 4 } })
    expect(findingsOf(answer, 'server-unreachable')).toMatchObject([{ where: { server: '127.0.0.1:1' } }])
  })

  test.each(kinds)('finds that %s cannot be used, and that a way over a network has no TLS', (kind) => {
    expect(findingsOf(answer, `${kind}-unusable`)).toMatchObject([{ where: { server: `${hostname()}:1` } }])
    expect(findingsOf(answer, `${kind}-plain`)).toHaveLength(1)
  })
})

/** Each store is up, holds nothing of what the platform declares for it, and holds something that is declared nowhere. */
describe.runIf(kinds.every(isAvailable))('wwdb doctor on stores that were never set up', () => {
  const influxdb = withInfluxdb()
  let answer: DoctorResult
  /** When every version that is there today is over, and InfluxDB has its declarations, with a task that is not to run. */
  let later: DoctorResult
  const someday = Date.UTC(2100, 0, 1)
  let versions: Readonly<Record<'mongodb' | 'redis', string>>

  beforeAll(async () => {
    const [redis, mongodb, elasticsearch] = await Promise.all([
      startRedis(),
      startMongodb({ replicaSet: 'wework' }),
      testElasticsearch(),
    ])
    await mongodb.client.db('admin').command({
      replSetInitiate: { _id: 'wework', members: [{ _id: 0, host: mongodb.address }] },
    })
    const stage = await openStage({
      configuration: {
        stores: {
          // A node of two that is down, and a member of two.
          redis: { url: `redis://127.0.0.1:${redis.port},127.0.0.1:1` },
          mongodb: { url: `mongodb://${mongodb.address},127.0.0.1:1` },
          elasticsearch: { url: elasticsearch.url },
          influxdb: { url: influxdb().url, token: influxAdmin.token },
        },
      },
    })
    const setup = { username: influxAdmin.user, password: influxAdmin.password, token: influxAdmin.token }
    const made = await put(`${influxdb().url}/api/v2/setup`, 'POST', {
      ...setup,
      org: `${stage.prefix}wework`,
      bucket: 'first',
    })
    const { org } = (await made.json()) as { readonly org: { readonly id: string } }
    declare(stage.folder)
    const name = `${stage.prefix}stray`
    const client = new Redis({ port: redis.port, host: '127.0.0.1' })
    await client.call('ACL', 'SETUSER', name, 'on', '>stray', '~*', '+@all')
    const [, redisVersion = ''] = /^redis_version:(\S+)/m.exec(await client.info('server')) ?? []
    client.disconnect()
    const admin = mongodb.client.db('admin')
    const isPrimary = async (): Promise<boolean> => (await admin.command({ hello: 1 }))['isWritablePrimary'] === true
    expect(await waitUntil(isPrimary, 30_000)).toBe(true)
    await admin.command({ createRole: name, privileges: [], roles: [] })
    await put(`${elasticsearch.url}/_index_template/${name}`, 'PUT', { index_patterns: [`${name}-*`] })
    await put(`${elasticsearch.url}/${name}-1`, 'PUT', { settings: { number_of_replicas: 1 } })
    const token = `Token ${influxAdmin.token}`
    await put(`${influxdb().url}/api/v2/buckets`, 'POST', { orgID: org.id, name, retentionRules: [] }, token)
    answer = (await examine(stage)).answer
    versions = { mongodb: String((await admin.command({ buildInfo: 1 }))['version']), redis: redisVersion }
    const metrics = readFileSync(join(root, 'migrations/influxdb/metrics.yaml'), 'utf8')
    stage.write('migrations/influxdb/metrics.yaml', metrics.replace(/^( +)from: /m, '$1active: false\n$1from: '))
    const run = await stage.run(['setup', 'apply', '--only', 'influxdb', '--yes'])
    expect(run).toMatchObject({ exitCode: 0 })
    later = (await examine(stage, [], { now: someday })).answer
    for (const path of [`_index_template/${name}`, `${name}-1`])
      await fetch(`${elasticsearch.url}/${path}`, { method: 'DELETE' })
    return async () => {
      await redis.stop()
      await mongodb.stop()
    }
  }, 240_000)

  test.each(kinds.flatMap((kind) => [`${kind}-differs`, `${kind}-undeclared`, `${kind}-unsound`]))(
    'finds %s',
    (code) => {
      const [finding] = findingsOf(answer, code)
      expect(finding, JSON.stringify(answer.findings.map((one) => `${one.code}: ${one.what} ${one.why}`))).toBeDefined()
      expect(finding?.fix).toMatch(/\S \S/)
    },
  )

  test('finds what a person should know: open doors, replicas without a place', () => {
    for (const code of ['elasticsearch-weak', 'mongodb-weak', 'redis-weak'])
      expect(findingsOf(answer, code).length, code).toBeGreaterThan(0)
  })

  test('finds a task of InfluxDB that does not run', () => {
    expect(findingsOf(answer, 'influxdb-weak')).toEqual([])
    expect(findingsOf(later, 'influxdb-weak')).toMatchObject([
      {
        what: expect.stringMatching(/^Check failed: task \S*metrics_hourly runs\.$/),
        why: 'Result: it is inactive.',
        fix: 'Declare it active if it is to run.',
      },
    ])
  })

  test.each(['mongodb', 'redis'] as const)(
    'finds that %s has come to the end of its life, where its line is a known one',
    (kind) => {
      const end = endedOn(kind, versions[kind], someday)
      const expected =
        end === null
          ? []
          : [expect.objectContaining({ what: expect.stringContaining(`not been maintained since ${end}`) })]
      expect(findingsOf(later, `${kind}-end-of-life`)).toEqual(expected)
    },
  )
})
