import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { createInfluxFixture } from '../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../helpers/influxdb/influxdb-session.ts'
import { setInfluxTrap } from '../helpers/influxdb/influxdb-trap.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import { randomFrom, sample, seed } from './support/seed.ts'

const server = withInfluxdb()
const openStage = withStages()
const platform = resolve(import.meta.dirname, '../../migrations/influxdb')
const files = Object.fromEntries(
  ['metrics.yaml', 'access.yaml'].map((name) => [
    `migrations/influxdb/${name}`,
    readFileSync(join(platform, name), 'utf8'),
  ]),
)
const mapped = 'mappings:\n  - {database: metrics, retentionPolicy: hot, bucket: metrics_hot, default: true}\n'
const own = `
tasks:
  own: {every: 1h, flux: 'from(bucket: "metrics_hot") |> range(start: -1h)'}
checks:
  silent: {type: deadman, query: 'from(bucket: "metrics_hot") |> range(start: -1h)', timeSince: 1m, staleTime: 1h, level: CRIT}
notificationEndpoints:
  hook: {type: http, url: "http://127.0.0.1:9/", authMethod: bearer, token: only-for-tests}
notificationRules:
  to_hook: {endpoint: hook, statusRules: [{currentLevel: CRIT}]}
labels:
  ops: {buckets: [metrics_hot, metrics_cold], tasks: [own]}
`

/** Everything that an apply of the platform's metrics writes. The first start comes first: the others need a server that had one. */
const writes = [
  'POST /api/v2/orgs',
  'POST /api/v2/buckets',
  'POST /api/v2/tasks',
  'POST /api/v2/authorizations',
  'PATCH /api/v2/authorizations',
  'POST /api/v2/dbrps',
  'POST /api/v2/checks',
  'POST /api/v2/notificationEndpoints',
  // A label, on the first of what has it.
  'POST /api/v2/buckets/',
] as const

/** Each with which request of its kind it is: the second task is the one with a script of its own. */
const chosen: readonly (readonly [string, number])[] = [
  ['POST /api/v2/setup', 1],
  ['POST /api/v2/tasks', 2],
  // Two rules of a name would send everything twice.
  ['POST /api/v2/notificationRules', 1],
  ...sample(writes, 2, randomFrom(seed)).map((word) => [word, 1] as const),
]

async function openMetrics(port: number): Promise<Stage> {
  const url = `http://${influxAdmin.user}:${influxAdmin.password}@127.0.0.1:${port}`
  return openStage({
    create: false,
    files: { ...files, 'migrations/influxdb/mapped.yaml': mapped, 'migrations/influxdb/own.yaml': own },
    configuration: { stores: { influxdb: { url, token: influxAdmin.token } } },
  })
}

describeInfluxdb(`a tool that is killed while it sets InfluxDB up (seed ${seed})`, () => {
  it.each(chosen)(
    'during %s (%i): the next run finishes what it began, and nothing is there twice',
    async (word, number) => {
      const trap = await setInfluxTrap(server(), word, number)
      try {
        const stage = await openMetrics(trap.port)
        const running = stage.start(['setup', 'apply'])
        await Promise.race([
          trap.sprung,
          running.ended.then((run) => Promise.reject(new Error(run.stdout + run.stderr))),
        ])
        running.child.kill('SIGKILL')
        expect((await running.ended).signal).toBe('SIGKILL')
        expect(await stage.run(['setup', 'apply'])).toMatchObject({ exitCode: 0 })
        expect((await stage.run(['setup', 'plan', '--exit-code'])).exitCode).toBe(0)
        await expectWhole(stage)
      } finally {
        trap.close()
      }
    },
  )
})

/** One of each, and tokens that work are where they belong. */
async function expectWhole(stage: Stage): Promise<void> {
  const fixture = createInfluxFixture(server(), `${stage.prefix}wework`)
  expect(await fixture.names()).toEqual({
    buckets: [`${stage.prefix}metrics_cold`, `${stage.prefix}metrics_hot`],
    tasks: [`${stage.prefix}metrics_hourly`, `${stage.prefix}own`],
    tokens: [`${stage.prefix}metrics_reader`, `${stage.prefix}metrics_writer`],
    mappings: [`${stage.prefix}metrics/hot`],
  })
  for (const [path, name] of [
    ['checks', 'silent'],
    ['notificationEndpoints', 'hook'],
    ['notificationRules', 'to_hook'],
  ] as const)
    expect(await fixture.alertNames(path)).toEqual([`${stage.prefix}${name}`])
  const token = readFileSync(join(stage.folder, `.wwdb/tokens/${stage.prefix}metrics_writer.token`), 'utf8').trim()
  expect(await fixture.write(`${stage.prefix}metrics_hot`, 'cpu value=1', token)).toBe(204)
}
