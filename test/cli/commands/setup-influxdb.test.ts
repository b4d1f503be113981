import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { createInfluxFixture, type InfluxFixture } from '../../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'

const server = withInfluxdb()
const openStage = withStages()
const platform = resolve(import.meta.dirname, '../../../migrations/influxdb')
let stage: Stage
let fixture: InfluxFixture
const runs: ToolRun[] = []

/** The platform's own declarations. */
const files = Object.fromEntries(
  ['metrics.yaml', 'access.yaml'].map((name) => [
    `migrations/influxdb/${name}`,
    readFileSync(join(platform, name), 'utf8'),
  ]),
)

beforeAll(async () => {
  if (!isAvailable('influxdb')) return
  const { host } = new URL(server().url)
  const url = `http://${influxAdmin.user}:${influxAdmin.password}@${host}`
  const influxdb = { url, token: `$${'{INFLUX_TOKEN}'}` }
  stage = await openStage({ databases: ['app'], create: false, files, configuration: { stores: { influxdb } } })
  fixture = createInfluxFixture(server(), `${stage.prefix}wework`)
})

async function setup(words: string, environment: Readonly<Record<string, string>> = {}): Promise<ToolRun> {
  const args = ['setup', ...words.split(' ')]
  const run = await stage.run(args, { environment: { INFLUX_TOKEN: influxAdmin.token, ...environment } })
  runs.push(run)
  return run
}

describeInfluxdb('wwdb setup with the platform’s metrics', () => {
  it('shows what a new server lacks, and writes nothing', async () => {
    const { exitCode, stdout } = await setup('plan')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`set the server up with organization ${stage.prefix}wework`)
    expect(stdout).toContain(`create bucket ${stage.prefix}metrics_cold, kept 365 days in shard groups of 7 days`)
    expect((await setup('plan --exit-code')).exitCode).toBe(1)
    expect(await fixture.countWrites()).toBe(0)
  })

  it('sets it up, and has nothing to do the second time', async () => {
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await fixture.rule(`${stage.prefix}metrics_hot`)).toEqual({ every: 30 * 86_400, shard: 86_400 })
    const token = readFileSync(join(stage.folder, `.wwdb/tokens/${stage.prefix}metrics_writer.token`), 'utf8').trim()
    expect(await fixture.write(`${stage.prefix}metrics_hot`, 'cpu value=1', token)).toBe(204)
    const writes = await fixture.countWrites()
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect((await setup('plan --exit-code')).exitCode).toBe(0)
    expect(await fixture.countWrites()).toBe(writes)
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(token)
  })

  it('proves that points arrive', async () => {
    const { exitCode, stdout } = await setup('verify')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`points arrive in ${stage.prefix}metrics_cold`)
    const answer = await stage.json(['setup', 'verify'], { environment: { INFLUX_TOKEN: influxAdmin.token } })
    expect(answer.exitCode).toBe(0)
  })

  it('refuses to shorten a retention until that is allowed', async () => {
    const name = 'migrations/influxdb/metrics.yaml'
    stage.write(name, String(files[name]).replace('retention: 30d', 'retention: 10d'))
    const old = `${Date.now() - 20 * 86_400_000}000000`
    expect(await fixture.write(`${stage.prefix}metrics_hot`, `cpu value=1 ${old}`)).toBe(204)
    const refused = await setup('apply')
    expect(refused.exitCode).toBe(2)
    expect(refused.stdout + refused.stderr).toContain('shorter-retention')
    expect(refused.stdout + refused.stderr).toContain('1 point of 1 series')
    expect((await fixture.rule(`${stage.prefix}metrics_hot`)).every).toBe(30 * 86_400)
    expect(await setup('apply --yes')).toMatchObject({ exitCode: 2 })
    expect(await setup('apply --allow shorter-retention --yes')).toMatchObject({ exitCode: 0 })
    expect((await fixture.rule(`${stage.prefix}metrics_hot`)).every).toBe(10 * 86_400)
  })

  it('says in one sentence what keeps it out', async () => {
    const wrong = await setup('plan', { INFLUX_TOKEN: 'wrong-token' })
    expect(wrong).toMatchObject({ exitCode: 69 })
    expect(wrong.stderr + wrong.stdout).toContain('rejected these credentials.')
    expect(wrong.stderr + wrong.stdout).not.toContain('wrong-token')
    const stopped = await setup('apply', { WWDB_STORES_INFLUXDB_URL: `http://127.0.0.1:${await freePort()}` })
    expect(stopped).toMatchObject({ exitCode: 69 })
    expect(stopped.stderr + stopped.stdout).toContain('cannot be reached.')
  })

  it('names the place of what is declared wrongly, before it asks any server', async () => {
    stage.write(
      'migrations/influxdb/more.yaml',
      'downsampling:\n  daily:\n    from: metrics_hto\n    to: metrics_cold\n    window: 1d\n',
    )
    const { exitCode, stderr } = await setup('plan', { WWDB_STORES_INFLUXDB_URL: 'http://127.0.0.1:1' })
    stage.remove('migrations/influxdb/more.yaml')
    expect(exitCode).toBe(78)
    expect(stderr).toContain('migrations/influxdb/more.yaml:3:5')
    expect(stderr).toContain('Did you mean `metrics_hot`?')
  })

  it('prints no secret anywhere', () => {
    for (const { stdout, stderr } of runs) {
      for (const secret of [influxAdmin.token, influxAdmin.password]) expect(stdout + stderr).not.toContain(secret)
    }
  })
})
