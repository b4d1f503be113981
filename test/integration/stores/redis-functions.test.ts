import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../../helpers/redis/redis.ts'
import { startBareNodes, type TestRedisCluster } from '../../helpers/redis/redis-cluster.ts'
import { findRedis62 } from '../../helpers/redis/redis62.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

const declarations = `
cluster: { replicas: 1 }
functions:
  shop:
    code: |
      #!lua name=shop
      redis.register_function('shop_take', function(keys) return redis.call('INCR', keys[1]) end)
      redis.register_function('shop_count', function(keys) return redis.call('GET', keys[1]) end)
`

describe.runIf(isAvailable('redis'))('functions of Redis', () => {
  const projects: ImportProject[] = []
  let cluster: TestRedisCluster
  let clients: readonly Redis[]

  beforeAll(async () => {
    cluster = await startBareNodes()
    clients = cluster.nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1', protocol: 2 }))
  })
  afterAll(async () => {
    for (const client of clients) client.disconnect()
    for (const project of projects) project.close()
    await cluster.stop()
  })

  function openProject(url: string): ImportProject {
    const project = openImportProject('redis', { url })
    projects.push(project)
    return project
  }

  async function primaries(): Promise<readonly Redis[]> {
    const roles = await Promise.all(
      clients.map(async (client) => String(((await client.call('ROLE')) as unknown[])[0])),
    )
    return clients.filter((_, at) => roles[at] === 'master')
  }

  const codes = async (client: Redis): Promise<string> => String(await client.call('FUNCTION', 'LIST', 'WITHCODE'))

  it('are loaded on every primary of a bare cluster, reach the replicas, and are called', async () => {
    const project = openProject(cluster.url)
    project.write('migrations/redis/all.yaml', declarations)
    expect((await project.setup('plan')).stdout).toContain('+ load function library shop')
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await project.changes()).toEqual([])
    for (const client of clients) expect(await codes(client)).toContain('shop_take')
    const owner = (await primaries()).map((client) => client.call('FCALL', 'shop_take', '1', 'stock').catch(() => null))
    expect(await Promise.all(owner)).toContain(1)
    expect(await project.setup('verify')).toMatchObject({ exitCode: 0 })
  })

  it('are found to differ on one primary, and are made right; one that goes is a loss', async () => {
    const project = openProject(cluster.url)
    project.write('migrations/redis/all.yaml', declarations)
    const [first, second] = await primaries()
    await first?.call('FUNCTION', 'DELETE', 'shop')
    const other = "#!lua name=shop\nredis.register_function('shop_gone', function() return 1 end)\n"
    await second?.call('FUNCTION', 'LOAD', 'REPLACE', other)
    const { stdout } = await project.setup('plan')
    expect(stdout).toContain('~ replace function library shop')
    expect(stdout).toContain("line 2: redis.register_function('shop_gone'")
    expect((await project.setup('apply', '--yes')).stderr).toMatch(/--allow '?removed-resource:/)
    expect(await project.setup('apply', '--yes', '--allow', 'removed-resource')).toMatchObject({ exitCode: 0 })
    expect(await project.changes()).toEqual([])
  })

  it('are imported, and removed by --prune where wwdb wrote them; what another one loaded is named', async () => {
    const byHand = "#!lua name=by_hand\nredis.register_function('by_hand', function() return 1 end)\n"
    for (const client of await primaries()) await client.call('FUNCTION', 'LOAD', byHand)
    const imported = openProject(cluster.url)
    const { answer } = await imported.importAll()
    expect(answer.notDeclarable).toEqual([])
    expect(imported.read('migrations/redis/functions.yaml')).toContain('by_hand')
    expect(await imported.changes()).toEqual([])
    const project = openProject(cluster.url)
    project.write('migrations/redis/all.yaml', 'cluster: { replicas: 1 }')
    expect((await project.setup('apply', '--prune', '--yes')).stderr).toMatch(/--allow '?removed-resource:/)
    const removed = await project.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')
    expect(removed).toMatchObject({ exitCode: 0 })
    for (const client of await primaries()) {
      expect(await codes(client)).not.toContain('shop_take')
      expect(await codes(client)).toContain('by_hand')
    }
    expect((await project.setup('plan', '--prune')).stdout).toContain('function library by_hand')
  })

  it('are refused for a server that has none, which is not in the way of anything else', async () => {
    const node = await startRedis([], await findRedis62())
    try {
      const project = openProject(`redis://127.0.0.1:${node.port}`)
      project.write('migrations/redis/all.yaml', declarations.replace('cluster: { replicas: 1 }', ''))
      const { exitCode, stdout, stderr } = await project.setup('plan')
      expect(exitCode).not.toBe(0)
      expect(stdout + stderr).toContain('Redis 6.2.14 at')
      expect(stdout + stderr).toContain('has no functions.')
      project.write('migrations/redis/all.yaml', 'memory: { limit: 64mb }')
      expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    } finally {
      await node.stop()
    }
  })
})
