import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRouter } from '../../../src/routing/router.ts'
import { startRedis, type TestRedis } from '../../helpers/redis/redis.ts'
import { startRedisCluster } from '../../helpers/redis/redis-cluster.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const password = 'geheim99'

const template = `-- wwdb:period month
-- wwdb:name notes_{YYYYMM}
-- wwdb:premake 2 periods
-- wwdb:late 0 days

CREATE TABLE {{table}} (\`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, PRIMARY KEY (\`id\`)) ENGINE=InnoDB;
`
const files = { 'shard-templates/app/notes.sql': template }

let redis: TestRedis
let client: Redis

beforeAll(async () => {
  redis = await startRedis(['--requirepass', password])
  client = new Redis({ port: redis.port, host: '127.0.0.1', password })
})

afterAll(async () => {
  client?.disconnect()
  await redis?.stop()
})

const url = (secret = password): string => `redis://:${secret}@127.0.0.1:${redis.port}`

describe('wwdb shards publish', () => {
  test('publish writes the shard map, counts changes, and notifies subscribers', async () => {
    const { run, json, tables } = await stage({ files })
    await run(['rotate', 'run'])
    const watcher = client.duplicate()
    const heard: string[] = []
    watcher.on('message', (_channel, text) => heard.push(text))
    await watcher.subscribe('{routes}:generation')
    const environment = { WWDB_REDIS: url() }

    const first = await json(['shards', 'publish', '--redis-key', 'routes'], { environment })
    expect(first.answer).toMatchObject({ kind: 'publication', changed: true, generation: 1, families: ['app.notes'] })
    expect((await json(['shards', 'publish', '--redis-key', 'routes'], { environment })).answer).toMatchObject({
      changed: false,
      generation: 1,
    })
    const shardMap = JSON.parse((await client.get('{routes}:map')) ?? '')
    const made = (await tables()).filter((name) => name.startsWith('notes_'))
    expect(made).toHaveLength(3)
    expect(shardMap.families[0].live.map((key: string) => `notes_${key.replace('-', '')}`)).toEqual(made)
    const { table } = createRouter(shardMap).shardFor('notes', { at: Date.now() })
    expect(made).toContain(table)

    await run(['rotate', 'run', '--ahead', '3'])
    expect((await json(['shards', 'publish', '--redis-key', 'routes'], { environment })).answer).toMatchObject({
      changed: true,
      generation: 2,
    })
    expect(await client.get('{routes}:generation')).toBe('2')
    await expect.poll(() => heard).toEqual(['1', '2'])
    watcher.disconnect()
  })

  test('the same map goes into a file with `shards map --live`', async () => {
    const { run, tables } = await stage({ files })
    await run(['rotate', 'run'])
    const offline = JSON.parse((await run(['shards', 'map'])).stdout)
    expect(offline.families[0]).not.toHaveProperty('live')
    const shardMap = JSON.parse((await run(['shards', 'map', '--live'])).stdout)
    const made = (await tables()).filter((name) => name.startsWith('notes_'))
    expect(shardMap.families[0].live.map((key: string) => `notes_${key.replace('-', '')}`)).toEqual(made)
    const { live, ...rest } = shardMap.families[0]
    expect(offline.families[0]).toEqual(rest)
    const year = 366 * 86_400_000
    const found = createRouter(shardMap).shardsBetween('notes', Date.now() - year, Date.now() + year)
    expect(found.map(({ key }) => key)).toEqual(live)
  })

  test('publishes nothing under a header that no longer fits the shards that are there', async () => {
    const { run, write } = await stage({ files })
    await run(['rotate', 'run'])
    expect(await run(['shards', 'publish', '--redis', url(), '--redis-key', 'moved'])).toMatchObject({ exitCode: 0 })
    const before = await client.get('{moved}:map')
    write('shard-templates/app/notes.sql', template.replace('notes_{YYYYMM}', 'memos_{YYYYMM}'))
    const refused = await run(['shards', 'publish', '--redis', url(), '--redis-key', 'moved'])
    expect(refused.exitCode, refused.stdout).not.toBe(0)
    expect(refused.stderr).toContain('FAMILY_HEADER_CHANGED')
    expect(await client.get('{moved}:map')).toBe(before)
  })

  test('says so to people, under another key', async () => {
    const { run } = await stage({ files })
    const said = await run(['shards', 'publish', '--redis', url(), '--redis-key', 'pr7'])
    expect(said).toMatchObject({ exitCode: 0, stderr: '' })
    expect(said.stdout).toContain(`✓ published as generation 1 of {pr7}:map at 127.0.0.1:${redis.port}\n`)
    expect(said.stdout).toContain('1 family: app.notes ({pr7}:generation)')
  })

  test('a test environment has a shard map of its own, with the prefix before its keys', async () => {
    const { run, json } = await stage({ files })
    const options = { environment: { WWDB_REDIS: url(), WWDB_PREFIX: 'pr8_' } }
    await run(['db', 'create'], options)
    try {
      await run(['rotate', 'run'], options)
      const { answer } = await json(['shards', 'publish'], options)
      expect(answer).toMatchObject({ generation: 1, keys: { map: 'pr8_{wwdb:shards}:map' } })
      const shardMap = JSON.parse((await client.get('pr8_{wwdb:shards}:map')) ?? '')
      expect(shardMap.families[0]).toMatchObject({ schema: expect.stringMatching(/^pr8_/), live: expect.any(Array) })
    } finally {
      await run(['db', 'drop', '--yes'], options)
    }
  })

  test('a wrong password and an absent server: 69, and no secret is shown', async () => {
    const { run } = await stage({ files })
    const wrong = await run(['shards', 'publish', '--redis', url('falsch77'), '--debug'])
    expect(wrong.exitCode).toBe(69)
    expect(wrong.stderr).toContain('Redis cannot be reached.')
    expect(wrong.stderr + wrong.stdout).not.toContain('falsch77')
    const absent = await run(['shards', 'publish', '--redis', `redis://:${password}@127.0.0.1:${await freePort()}`])
    expect(absent.exitCode).toBe(69)
    expect(absent.stderr).toContain('ECONNREFUSED')
    expect(absent.stderr + absent.stdout).not.toContain(password)
  })

  test('a key of another kind is left alone: 2', async () => {
    const { run } = await stage({ files })
    await client.lpush('{mine}:map', 'x')
    const refused = await run(['shards', 'publish', '--redis', url(), '--redis-key', 'mine'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('Redis refused the shard map.')
    expect(await client.lrange('{mine}:map', 0, -1)).toEqual(['x'])
  })

  test.each([
    [[], 'No Redis server is configured.'],
    [['--redis', 'http://127.0.0.1'], 'The URL of Redis is invalid.'],
    [['--redis', 'redis://127.0.0.1', '--redis-key', '{x}'], 'braces'],
  ])('%j: 64', async (flags, says) => {
    const { run } = await stage({ files })
    const refused = await run(['shards', 'publish', ...flags])
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain(says)
  })
})

test('any node of a cluster may be named: the one that keeps the keys has them', async () => {
  const cluster = await startRedisCluster()
  const clients = cluster.nodes.map((node) => new Redis({ port: node.port, host: '127.0.0.1' }))
  try {
    for (const one of clients) await one.config('SET', 'requirepass', password)
    const { json, run } = await stage({ files })
    await run(['rotate', 'run'])
    for (const [index, node] of cluster.nodes.entries()) {
      const environment = { WWDB_REDIS: `redis://:${password}@127.0.0.1:${node.port}` }
      const { answer, exitCode } = await json(['shards', 'publish'], { environment })
      expect(exitCode).toBe(0)
      expect(answer).toMatchObject({ kind: 'publication', generation: 1, changed: index === 0 })
    }
    const kept = await Promise.all(clients.map((one) => one.dbsize()))
    expect(kept.toSorted((a, b) => a - b)).toEqual([0, 0, 2])
  } finally {
    for (const one of clients) one.disconnect()
    await cluster.stop()
  }
})
