import { expect, it } from 'vitest'
import { createInfluxFixture } from '../../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { setInfluxTrap } from '../../helpers/influxdb/influxdb-trap.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const server = withInfluxdb()
const openStage = withStages()
const hour = 3_600_000

const declaration = `
organization: { name: acme }
buckets:
  hot: { retention: 30d, shardGroup: 1d }
  cold: { retention: 365d, shardGroup: 7d }
downsampling:
  hourly: { from: hot, to: cold, window: 1h, offset: 10m, aggregates: [count] }
  still: { from: hot, to: cold, window: 1h, active: false }
`

async function open(port: number): Promise<Stage> {
  const url = `http://${influxAdmin.user}:${influxAdmin.password}@127.0.0.1:${port}`
  return openStage({
    create: false,
    files: { 'migrations/influxdb/metrics.yaml': declaration },
    configuration: { stores: { influxdb: { url, token: influxAdmin.token } } },
  })
}

/** One point in each hour of the last `hours` whole ones. */
async function writePoints(stage: Stage, hours: number): Promise<{ readonly from: number; readonly to: number }> {
  // The task waits ten minutes for late points, so a window is over for it later than for the clock.
  const to = Math.floor((Date.now() - 2 * hour) / hour) * hour
  const lines = Array.from({ length: hours }, (_, at) => `load value=1 ${(to - (at + 1) * hour + 60_000) * 1_000_000}`)
  const fixture = createInfluxFixture(server(), `${stage.prefix}acme`)
  expect(await fixture.write(`${stage.prefix}hot`, lines.join('\n'), influxAdmin.token)).toBe(204)
  return { from: to - hours * hour, to }
}

/** How many windows have their one result, and how many have another one. */
async function countResults(stage: Stage): Promise<{ readonly right: number; readonly wrong: number }> {
  const fixture = createInfluxFixture(server(), `${stage.prefix}acme`)
  const text = await fixture.query(
    `from(bucket: "${stage.prefix}cold") |> range(start: -60d) |> filter(fn: (r) => r._measurement == "load") |> keep(columns: ["_time", "_value"])`,
  )
  const values = text
    .split('\r\n')
    .filter((line) => /\d{4}-\d\d-\d\dT/.test(line))
    .map((line) => Number(line.split(',').at(-1)))
  return { right: values.filter((value) => value === 1).length, wrong: values.filter((value) => value !== 1).length }
}

const asTime = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z')

describeInfluxdb('a backfill of InfluxDB', () => {
  it('runs the task over the range, whatever is killed, and each window has its result once', async () => {
    const first = await open(server().port)
    expect(await first.run(['setup', 'apply'])).toMatchObject({ exitCode: 0 })
    const { from, to } = await writePoints(first, 20)
    const range = ['--start', asTime(from), '--end', asTime(to)]
    const dry = await first.json(['setup', 'backfill', 'hourly', ...range, '--dry-run'])
    expect(dry.answer).toMatchObject({
      kind: 'store-backfill',
      outcome: { task: `${first.prefix}hourly`, runs: 7, done: 0, continuedAt: null, state: 'planned' },
    })
    expect(await countResults(first)).toEqual({ right: 0, wrong: 0 })

    // Each kill leaves a lock that ends fifteen seconds later.
    const words = ['POST /api/v2/tasks', 'PATCH /api/v2/labels', 'POST /api/v2/tasks']
    for (const word of words) {
      const trap = await setInfluxTrap(server(), word)
      const url = `http://${influxAdmin.user}:${influxAdmin.password}@127.0.0.1:${trap.port}`
      const environment = { WWDB_STORES_INFLUXDB_URL: url }
      const killed = first.start(['setup', 'backfill', 'hourly', ...range], { environment })
      await Promise.race([trap.sprung, killed.ended.then((run) => Promise.reject(new Error(run.stdout + run.stderr)))])
      killed.child.kill('SIGKILL')
      await killed.ended
      trap.close()
    }
    const last = await first.json(['setup', 'backfill', 'hourly', ...range])
    expect(last).toMatchObject({ exitCode: 0, answer: { outcome: { state: 'done', continuedAt: expect.any(String) } } })
    expect(await countResults(first)).toEqual({ right: 20, wrong: 0 })
    // The position is gone with its end: the next one begins again, and writes the same points.
    const again = await first.json(['setup', 'backfill', 'hourly', ...range])
    expect(again.answer).toMatchObject({ outcome: { done: 7, continuedAt: null } })
    expect(await countResults(first)).toEqual({ right: 20, wrong: 0 })
    expect(await first.run(['setup', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
  }, 240_000)

  it('refuses what the buckets no longer keep, and a task that is not there, not as declared, or inactive', async () => {
    const stage = await open(server().port)
    const refusal = async (...words: readonly string[]): Promise<string> => {
      const run = await stage.run(['setup', 'backfill', ...words])
      expect(run.exitCode).toBe(2)
      return run.stderr
    }
    const day = asTime(Date.now() - 2 * 24 * hour).slice(0, 10)
    expect(await refusal('hourly', '--start', day, '--dry-run')).toContain('not on the server as it is declared')
    expect(await stage.run(['setup', 'apply'])).toMatchObject({ exitCode: 0 })
    expect(await refusal('hourly', '--start', '2020-01-01')).toContain('of which only some points are left')
    expect(await refusal('hourly', '--start', `${asTime(Date.now() + hour).slice(0, 10)}T23:59Z`)).toContain(
      'no whole window',
    )
    expect(await refusal('other', '--start', day)).toContain('Declared are')
    expect(await refusal('still', '--start', day)).toContain('is inactive')
    expect(await stage.run(['setup', 'backfill', 'hourly'])).toMatchObject({ exitCode: 64 })
    expect(await stage.run(['setup', 'backfill', 'hourly', '--start', 'yesterday'])).toMatchObject({ exitCode: 64 })
  })
})
