import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEach, onNode, startBareNodes, type TestRedisCluster } from '../../helpers/redis/redis-cluster.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { showUndeclared, upOfStores } from '../../helpers/stores/show-undeclared.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'

const openStage = withStages()
const platform = resolve(import.meta.dirname, '../../../migrations/redis')
const password = 'nodes-password-0815'
const appPassword = 'application-password-0816'

/** The platform's own declarations. */
const files = Object.fromEntries(
  readdirSync(platform).map((name) => [`migrations/redis/${name}`, readFileSync(join(platform, name), 'utf8')]),
)

describe.runIf(isAvailable('redis'))('wwdb setup with the platform’s Redis', () => {
  let cluster: TestRedisCluster
  let stage: Stage
  const runs: ToolRun[] = []

  beforeAll(async () => {
    cluster = await startBareNodes({ flags: ['--requirepass', password, '--masterauth', password] })
    const hosts = cluster.url.replace('redis://', '')
    const redis = { url: `redis://${hosts}`, password: `\${REDIS_PASSWORD}` }
    stage = await openStage({ create: false, files, configuration: { stores: { redis } } })
  })

  afterAll(() => cluster.stop())

  const environment = { REDIS_PASSWORD: password, WEWORK_REDIS_APP_PASSWORD: appPassword }

  async function setup(words: string, more: Readonly<Record<string, string>> = {}): Promise<ToolRun> {
    const run = await stage.run(['setup', ...words.split(' ')], { environment: { ...environment, ...more } })
    runs.push(run)
    return run
  }

  /** How often each writing command was called, on all nodes; those that nodes send each other are left out. */
  const countWrites = async (): Promise<readonly string[]> => {
    const said = await onEach(cluster, async (client) => {
      await client.call('AUTH', password)
      return client.info('commandstats')
    })
    const writing =
      /^cmdstat_(?:config\|(?:set|rewrite)|cluster\|(?:meet|addslots|replicate|set-config-epoch)|acl\|(?:setuser|save)|set|del|multi|exec):calls=\d+/
    return said.flatMap((text) => text.split('\r\n').flatMap((line) => writing.exec(line)?.[0] ?? []))
  }

  it('shows what bare nodes lack, and writes nothing', async () => {
    const { exitCode, stdout } = await setup('plan')
    expect(stdout).toContain('the slots 0-5460')
    expect(stdout).toContain(`create user ${stage.prefix}wework_app`)
    expect(exitCode).toBe(0)
    expect((await setup('plan --exit-code')).exitCode).toBe(1)
    expect(await countWrites()).toEqual([])
  })

  it('makes the cluster, and has nothing to do the second time', async () => {
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    const writes = await countWrites()
    expect(writes.length).toBeGreaterThan(0)
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect((await setup('plan --exit-code')).exitCode).toBe(0)
    expect(await countWrites()).toEqual(writes)
  })

  const up = async (more: Readonly<Record<string, string>> = {}): Promise<ToolRun> => {
    const run = await stage.run(upOfStores, { environment: { ...environment, ...more } })
    runs.push(run)
    return run
  }

  /** A second store at a port where nothing listens. */
  const gone = { WWDB_STORES_INFLUXDB_URL: 'http://127.0.0.1:1', WWDB_STORES_INFLUXDB_TOKEN: 'none' }

  it('`wwdb up` says of each store what it saw, and of one that it did not reach no more than that', async () => {
    const influx = 'migrations/influxdb/all.yaml'
    stage.write(influx, 'organization: { name: acme }\nbuckets: { hot: { retention: 30d, shardGroup: 1d } }\n')
    const run = await up(gone)
    stage.remove(influx)
    expect(run.exitCode).toBe(69)
    expect(run.stdout).toContain('failed; as declared: redis; not reached: influxdb')
    expect(run.stdout).toMatch(/^ {2}redis .* as declared, prefix /m)
    expect(run.stdout).toMatch(/^ {2}influxdb .* not reached, prefix /m)
    const alone = await up()
    expect(alone).toMatchObject({ exitCode: 0 })
    expect(alone.stdout).toContain('as declared: redis')
  })

  it('proves it, and says so to programs in the published form', async () => {
    const { exitCode, stdout } = await setup('verify')
    expect(stdout).toContain('all 16,384 slots are served')
    expect(stdout.trimEnd()).toMatch(/✓ everything is as declared: \d+ resources compared$/)
    expect(exitCode).toBe(0)
    expect((await stage.json(['setup', 'verify'], { environment })).exitCode).toBe(0)
    expect((await stage.json(['setup', 'plan'], { environment })).exitCode).toBe(0)
  })

  it('with --read-only it compares and asks, and writes nothing', async () => {
    const writes = await countWrites()
    const { exitCode, stdout } = await setup('verify --read-only')
    expect(stdout).toContain('all 16,384 slots are served')
    expect(stdout.trimEnd()).toMatch(/✓ everything is as declared: \d+ resources compared$/)
    expect(exitCode).toBe(0)
    expect(await countWrites()).toEqual(writes)
    await setup('verify')
    expect(await countWrites()).not.toEqual(writes)
  })

  it('an application gets in with its password and does what it may', async () => {
    const [node] = cluster.nodes
    const said = await onNode(node ?? { port: 0 }, async (client) => {
      await client.call('AUTH', `${stage.prefix}wework_app`, appPassword)
      return client.call('SET', 'elsewhere', '1').catch((error: unknown) => String(error))
    })
    expect(said).toContain('NOPERM')
  })

  it('names what drifted, and keys that are not as they are registered', async () => {
    await onEach({ nodes: cluster.nodes }, async (client) => {
      await client.call('AUTH', password)
      await client.set(`${stage.prefix}stray:1`, '1').catch(() => {})
      await client.set(`${stage.prefix}session:secret-id-1`, '1').catch(() => {})
      await client.hset(`${stage.prefix}session:2`, 'a', '1').catch(() => {})
    })
    const [node] = cluster.nodes
    await onNode(node ?? { port: 0 }, async (client) => {
      await client.call('AUTH', password)
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    })
    const { exitCode, stdout } = await setup('verify')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('✗ Setting `maxmemory-policy` is not as declared.')
    expect(stdout).toContain(`127.0.0.1:${node?.port}: allkeys-lru -> volatile-lru`)
    expect(stdout).toContain('✗ not everything is as declared')
    expect(stdout).toContain('session (user-service): a string, but hash is declared')
    expect(stdout).toContain('session (user-service): without a TTL')
    expect(stdout).toContain(`1 × ${stage.prefix}stray:*`)
    expect(stdout).not.toContain('secret-id-1')
    const doctor = await stage.run(['doctor', '--language', 'zh'], { environment })
    runs.push(doctor)
    const said = doctor.stdout.replace(/\s+/g, ' ')
    expect(said).toContain('设置项 `maxmemory-policy` 与声明不一致。')
    expect(said).toContain('检查未通过：键的类型与声明一致。')
    expect(said).toContain('请查明是谁写入的：对它们执行所声明类型的命令会失败。')
  })

  it('fails for an undeclared user of this environment that may do anything', async () => {
    const hacker = `${stage.prefix}hacker`
    const [node] = cluster.nodes
    const act = (...words: readonly string[]): Promise<unknown> =>
      onNode(node ?? { port: 0 }, async (client) => {
        await client.call('AUTH', password)
        return client.call('ACL', ...words)
      })
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    await act('SETUSER', hacker, 'on', 'nopass', '~*', '+@all')
    await showUndeclared(stage, {
      sentence: `User \`${hacker}\` exists, but is not declared in any file.`,
      environment,
    })
    expect((await setup('verify')).stdout).toContain(`on 127.0.0.1:${node?.port}.`)
    await act('DELUSER', hacker)
    expect((await setup('plan')).stdout).not.toContain(hacker)
  })

  it('stops before a change that loses data, until that is allowed', async () => {
    const name = 'migrations/redis/cluster.yaml'
    stage.write(name, String(files[name]).replace('appendOnly: true', 'appendOnly: false'))
    const refused = await setup('apply')
    expect(refused.exitCode).toBe(2)
    expect(refused.stdout + refused.stderr).toContain('persistence-off')
    expect(await setup('apply --allow persistence-off --yes')).toMatchObject({ exitCode: 0 })
    expect((await setup('plan --exit-code')).exitCode).toBe(0)
  })

  it('a wrong password is 69, a mistake in a file 78 with its place', async () => {
    expect(await setup('plan', { REDIS_PASSWORD: 'nodes-password-wrong' })).toMatchObject({ exitCode: 69 })
    stage.write('migrations/redis/more.yaml', 'memory:\n  evictoin: noeviction\n')
    const wrong = await setup('plan')
    expect(wrong.exitCode).toBe(78)
    expect(wrong.stderr).toContain('more.yaml:2:3')
    expect(wrong.stderr).toContain('Did you mean `eviction`?')
    stage.remove('migrations/redis/more.yaml')
  })

  it('a node that is down holds up no right that is revoked on the others; what is left for it is named', async () => {
    const [first, node] = cluster.nodes
    await node?.kill()
    const name = `${stage.prefix}wework_app`
    const act = (...words: readonly string[]): Promise<unknown> =>
      onNode(first ?? { port: 0 }, async (client) => {
        await client.call('AUTH', password)
        return client.call('ACL', ...words)
      })
    await act('SETUSER', name, '+@all')
    const planned = await setup('plan')
    expect(planned).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`settings and users of 127.0.0.1:${node?.port} are left`),
    })
    expect(planned.stdout).toContain('1 change, ')
    expect(planned.stdout).toContain('; a part does not answer')
    expect((await setup('plan --exit-code')).exitCode).toBe(1)
    // Somebody has given it: nobody takes it away unasked.
    expect((await setup('apply')).stderr).toMatch(/--allow '?removed-access:/)
    const applied = await setup('apply --allow removed-access --yes')
    expect(applied.exitCode).toBe(2)
    expect(applied.stdout + applied.stderr).toContain(`user ${name}`)
    expect(applied.stdout).toContain(`The settings and users of 127.0.0.1:${node?.port} are left as they are.`)
    expect(applied.stdout).toContain('The members and slots of the cluster are left as they are')
    expect(String(await act('GETUSER', name))).not.toContain('+@all')
    const whole = await up()
    expect(whole).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('its declarations were not applied') })
    const { exitCode, stdout } = await setup('verify')
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`127.0.0.1:${node?.port}: Nothing is listening there`)
  })

  it('shows no secret in any output', () => {
    expect(runs.length).toBeGreaterThan(8)
    for (const { stdout, stderr } of runs) {
      for (const secret of [password, appPassword, 'nodes-password-wrong'])
        expect(stdout + stderr).not.toContain(secret)
    }
  })
})
