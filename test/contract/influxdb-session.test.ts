import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../../src/sandbox/process.ts'
import type { StoreSession } from '../../src/stores/contract.ts'
import { findDrift, isAsDeclared } from '../../src/stores/find-drift.ts'
import type { Declaration } from '../../src/stores/influxdb/declaration.ts'
import { createInfluxFixture, type InfluxFixture } from '../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../helpers/influxdb/influxdb-server.ts'
import { applyAll, influxAdmin, metricsDeclaration, openInfluxSession } from '../helpers/influxdb/influxdb-session.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { linesOf, verifySession } from '../helpers/stores/store-verification.ts'

// Looks for points that have expired every second instead of every half hour.
const server = withInfluxdb(['--storage-retention-check-interval=1s'])
let fixture: InfluxFixture
let folder: string
let declaration: Declaration
let session: StoreSession

beforeAll(async () => {
  if (!isAvailable('influxdb')) return
  folder = await mkdtemp(join(tmpdir(), 'wwdb-influxdb-'))
  declaration = metricsDeclaration(folder)
  session = openInfluxSession(server(), { declaration })
  fixture = createInfluxFixture(server())
})

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const summaries = async (): Promise<readonly string[]> => (await session.plan()).changes.map(({ summary }) => summary)

describeInfluxdb('a server that is not set up', () => {
  it('is set up and brought to what is declared', async () => {
    const plan = await applyAll(session)
    expect(plan.version).toBe(server().version)
    expect(plan.notes).toEqual(['This server is not set up yet: the run will set it up.'])
    expect(plan.changes.map(({ action, summary }) => `${action}: ${summary}`)).toEqual([
      'create: set the server up with organization wework and the configured user and token',
      'create: create bucket metrics_hot, kept 30 days in shard groups of 1 day',
      'create: create bucket metrics_cold, kept 365 days in shard groups of 7 days',
      'create: create task metrics_hourly: from metrics_hot to metrics_cold, windows of 1 hour, every 1 hour',
      `create: issue token metrics_writer (write metrics_hot) into ${folder}/writer.token`,
      `create: issue token metrics_reader (read metrics_cold, read metrics_hot) into ${folder}/reader.token`,
      'create: map metrics/hot to bucket metrics_hot',
    ])
    expect(await fixture.rule('metrics_hot')).toEqual({ every: 30 * 86_400, shard: 86_400 })
    expect(await fixture.rule('metrics_cold')).toEqual({ every: 365 * 86_400, shard: 7 * 86_400 })
  })

  it('needs nothing after that: the plan is empty, and the server counts no write', async () => {
    const before = await fixture.countWrites()
    const plan = await applyAll(session)
    expect(plan.changes).toEqual([])
    expect(plan.unchanged).toHaveLength(7)
    expect(plan.notes).toEqual([])
    expect(await fixture.countWrites()).toBe(before)
  })
})

describeInfluxdb('tokens', () => {
  it('are in their files, for their owner alone, and may do what they are for and nothing else', async () => {
    const [writer, reader] = await Promise.all(['writer', 'reader'].map((name) => token(name)))
    expect((await stat(join(folder, 'writer.token'))).mode & 0o777).toBe(0o600)
    const line = 'cpu,host=a value=1'
    expect(await fixture.write('metrics_hot', line, writer)).toBe(204)
    expect(await fixture.write('metrics_cold', line, writer)).toBe(403)
    expect(await fixture.write('metrics_hot', line, reader)).toBe(403)
    expect(await fixture.query('from(bucket: "metrics_hot") |> range(start: -1h)', reader)).toContain('cpu')
    await expect(fixture.query('from(bucket: "metrics_hot") |> range(start: -1h)', writer)).rejects.toThrow(
      /404|401|403/,
    )
  })

  it('overwrite no file that holds anything else', async () => {
    const file = join(folder, 'diary.txt')
    await writeFile(file, 'Dear diary,\nnothing happened.\n')
    const [writer] = declaration.tokens
    const other = { ...declaration, tokens: writer === undefined ? [] : [{ ...writer, name: 'second', file }] }
    const asked = openInfluxSession(server(), { declaration: other })
    await expect(applyAll(asked)).rejects.toMatchObject({ code: 'STORE_TOKEN_FILE', exitCode: 2 })
    expect(await readFile(file, 'utf8')).toContain('Dear diary')
    expect(await fixture.tokens('second')).toEqual([])
  })
})

describeInfluxdb('points', () => {
  it('really arrive in the cold bucket, the same ones however often the task runs', async () => {
    const hour = 3_600_000
    const end = Math.floor(Date.now() / hour) * hour
    const at = (offset: number): string => `${end - hour + offset}000000`
    const lines = [
      `disk,host=a used=10i,name="x" ${at(0)}`,
      `disk,host=a used=20i ${at(1000)}`,
      `disk,host=a used=60i ${at(hour - 1)}`,
      `disk,host=b used=5i ${at(5000)}`,
    ]
    expect(await fixture.write('metrics_hot', lines.join('\n'))).toBe(204)
    const wanted = [
      'a used_count 3',
      'a used_max 60',
      'a used_mean 30',
      'a used_min 10',
      'b used_count 1',
      'b used_max 5',
      'b used_mean 5',
      'b used_min 5',
    ]
    for (let round = 0; round < 2; round++) {
      expect(await fixture.runTask('metrics_hourly', end)).toBe('success')
      const rows = await fixture.rows('metrics_cold', 'disk')
      expect(rows.map(({ host, _field, _value }) => `${host} ${_field} ${_value}`).toSorted()).toEqual(wanted)
      expect(new Set(rows.map(({ _time }) => Date.parse(String(_time))))).toEqual(new Set([end - hour]))
    }
  })

  it('are proven to arrive by verify, which leaves nothing behind', async () => {
    const checks = await session.verify()
    expect(checks.filter(({ state }) => state !== 'good')).toEqual([])
    expect(checks.map(({ name }) => name)).toEqual([
      'the server is healthy',
      'task metrics_hourly runs',
      'bucket metrics_hot keeps points longer than task metrics_hourly reads back',
      'points arrive in metrics_cold',
    ])
    expect(await fixture.rows('metrics_hot', 'wwdb_canary')).toEqual([])
    expect(await fixture.rows('metrics_cold', 'wwdb_canary')).toEqual([])
  })

  it('that do not arrive are reported: a task that was changed by hand', async () => {
    const { id, flux } = await fixture.task('metrics_hourly')
    await fixture.patchTask(id, { flux: String(flux).replace('fn: mean', 'fn: max') })
    const checks = await session.verify()
    expect(checks.find(({ name }) => name === 'points arrive in metrics_cold')).toMatchObject({
      state: 'bad',
      seen: 'mean is 6 instead of 3',
    })
    expect(await fixture.rows('metrics_hot', 'wwdb_canary')).toEqual([])
    await applyAll(session)
  })
})

describeInfluxdb('a task', () => {
  it('is reported with the server’s words when its last run failed', async () => {
    const { id, flux } = await fixture.task('metrics_hourly')
    await fixture.patchTask(id, { flux: `${flux}\ndie(msg: "out of order")` })
    expect(await fixture.runTask('metrics_hourly', Date.now() - 60_000)).toBe('failed')
    const checks = await session.verify()
    expect(checks.find(({ name }) => name === 'task metrics_hourly runs')).toMatchObject({
      state: 'bad',
      seen: expect.stringContaining('out of order'),
    })
    expect(checks.find(({ name }) => name === 'points arrive in metrics_cold')).toMatchObject({
      state: 'bad',
      seen: expect.stringContaining('out of order'),
    })
    await applyAll(session)
    expect(await fixture.runTask('metrics_hourly', Date.now() - 30_000)).toBe('success')
    expect((await session.verify()).filter(({ state }) => state !== 'good')).toEqual([])
  })

  it('a task with odd names and chosen measurements writes its results', async () => {
    const [hot, cold] = ['指标 热 $1 {a}', "cold's"]
    const odd: Declaration = {
      ...declaration,
      organization: { name: '组织 1', description: null },
      buckets: declaration.buckets.map((bucket, index) => ({ ...bucket, name: index === 0 ? hot : cold })),
      downsamplings: declaration.downsamplings.map((task) => ({
        ...task,
        name: '每小时 $ {x}',
        from: hot,
        to: cold,
        aggregates: ['max'],
        measurements: ['c"pu', '磁盘'],
      })),
      tokens: [],
      mappings: [],
    }
    const asked = openInfluxSession(server(), { declaration: odd })
    await applyAll(asked)
    expect((await asked.plan()).changes).toEqual([])
    // No task has been due since it was made.
    expect((await asked.verify()).filter(({ state }) => state !== 'good' && state !== 'not-judged')).toEqual([])
  })
})

describeInfluxdb('a change by hand', () => {
  const drifts: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    ['a bucket removed', () => fixture.removeBucket('metrics_cold'), /create bucket metrics_cold/],
    [
      'a retention lengthened',
      () => fixture.patchBucket('metrics_hot', { every: 90 * 86_400, shard: 86_400 }),
      /update bucket metrics_hot/,
    ],
    [
      'shard groups changed',
      () => fixture.patchBucket('metrics_hot', { every: 30 * 86_400, shard: 3600 }),
      /update bucket metrics_hot/,
    ],
    [
      'a bucket with another description',
      () => fixture.describeBucket('metrics_hot', 'mine'),
      /update bucket metrics_hot/,
    ],
    ['a task removed', () => fixture.removeTask('metrics_hourly'), /create task metrics_hourly/],
    [
      'a task switched off',
      async () => fixture.patchTask((await fixture.task('metrics_hourly')).id, { status: 'inactive' }),
      /update task/,
    ],
    [
      'a task made slower',
      async () => fixture.patchTask((await fixture.task('metrics_hourly')).id, { every: '2h' }),
      /update task/,
    ],
    ['a task made twice', () => fixture.copyTask('metrics_hourly'), /remove the surplus task/],
    ['a token switched off', () => fixture.patchToken('metrics_writer', 'inactive'), /activate token metrics_writer/],
    ['a token revoked', () => fixture.revokeToken('metrics_reader'), /issue token metrics_reader/],
    [
      'a mapping turned round',
      () => fixture.remap('metrics', 'hot', 'metrics_cold'),
      /map metrics\/hot to bucket metrics_hot instead/,
    ],
    ['a mapping removed', () => fixture.removeMapping('metrics', 'hot'), /map metrics\/hot to bucket metrics_hot/],
    [
      'an organization with another description',
      () => fixture.describeOrganization('mine'),
      /describe organization wework/,
    ],
  ]

  it.each(drifts)('is found, named and put right: %s', async (_, bend, said) => {
    await bend()
    expect(await summaries()).toContainEqual(expect.stringMatching(said))
    const found = findDrift(await session.compare())
    expect(isAsDeclared(found)).toBe(false)
    expect(found.map(({ why }) => why)).toContainEqual(expect.stringMatching(said))
    await applyAll(session)
    expect(await summaries()).toEqual([])
  })

  it('is named by its values', async () => {
    await fixture.patchBucket('metrics_hot', { every: 90 * 86_400, shard: 3600 })
    const [change] = (await session.plan()).changes
    expect(change?.differences).toEqual([
      { path: 'retention', actual: '90 days', declared: '30 days' },
      { path: 'shardGroup', actual: '1 hour', declared: '1 day' },
    ])
    await applyAll(session)
  })
})

describeInfluxdb('the comparison of verify', () => {
  it('reports that everything is as declared only when it is, and names what is not declared', async () => {
    expect(await verifySession(session)).toMatchObject({ asDeclared: true, compared: 7, findings: [] })
    const token = await fixture.makeToken([{ action: 'read', type: 'buckets' }])
    const mighty = await fixture.makeToken(['read', 'write'].map((action) => ({ action, type: 'authorizations' })))
    await fixture.makeBucket('by_hand')
    const task = await fixture.makeTask('task_by_hand')
    const verification = await verifySession(session)
    expect(verification.asDeclared).toBe(true)
    expect(verification.findings).toMatchObject([
      { code: 'STORE_UNDECLARED', severity: 'warning', resource: { kind: 'bucket', name: 'by_hand' } },
      { code: 'STORE_UNDECLARED', severity: 'warning', resource: { kind: 'task', name: 'task_by_hand' } },
      { code: 'STORE_UNDECLARED', severity: 'warning', resource: { kind: 'token' }, why: 'Rights: read all buckets.' },
      { code: 'STORE_UNDECLARED', severity: 'error', resource: { kind: 'token' } },
    ])
    for (const secret of [token, mighty, influxAdmin.token]) {
      expect(JSON.stringify(verification)).not.toContain(secret)
    }
    // As advised, by the ids that are named.
    const ids = verification.findings.map(({ next }) => /--id (\w+)/.exec(next)?.[1] ?? '')
    expect(ids[1]).toBe(task)
    const places = ['buckets', 'tasks', 'authorizations', 'authorizations']
    for (const [index, id] of ids.entries()) await fixture.remove(places[index] ?? '', id)
    expect((await verifySession(session)).findings).toEqual([])
  })

  it('finds a bucket that keeps its points for a day and a task that is off, before anything is written', async () => {
    await fixture.patchBucket('metrics_hot', { every: 86_400, shard: 86_400 })
    await fixture.patchTask((await fixture.task('metrics_hourly')).id, { status: 'inactive' })
    const verification = await verifySession(session)
    expect(verification.asDeclared).toBe(false)
    expect(linesOf(verification)).toEqual([
      'STORE_DRIFT bucket metrics_hot: retention 1 day -> 30 days',
      'STORE_DRIFT task metrics_hourly: status inactive -> active',
    ])
    await applyAll(session)
    expect((await verifySession(session)).asDeclared).toBe(true)
  })
})

describeInfluxdb('a shorter retention', () => {
  it('counts what would go and is a loss; a longer one is not; and the counted points really go', async () => {
    const day = 86_400_000
    const old = (days: number): string => `${Date.now() - days * day}000000`
    const lines = [`net,host=a rx=1,tx=2 ${old(20)}`, `net,host=b rx=1 ${old(19)}`, `net,host=b rx=1 ${old(1)}`]
    expect(await fixture.write('metrics_hot', lines.join('\n'))).toBe(204)
    const shorter = openInfluxSession(server(), { declaration: keep(declaration, 10) })
    const [change] = (await shorter.plan()).changes
    expect(change?.loss).toEqual({
      code: 'shorter-retention',
      why: 'Data written to `metrics_hot` is kept 10 days instead of 30 days. 3 points of 3 series are older and will be deleted within half an hour.',
      affected: ['net (3 points of 3 series)'],
    })
    const longer = openInfluxSession(server(), { declaration: keep(declaration, 60) })
    expect((await longer.plan()).changes).toMatchObject([{ action: 'update', loss: null }])
    expect(await fixture.rows('metrics_hot', 'net')).toHaveLength(4)
    await applyAll(shorter)
    const isGone = async (): Promise<boolean> => (await fixture.rows('metrics_hot', 'net')).length === 1
    expect(await waitUntil(isGone, 30_000)).toBe(true)
    expect(await fixture.rule('metrics_hot')).toEqual({ every: 10 * 86_400, shard: 86_400 })
    await applyAll(session)
    expect(await fixture.rule('metrics_hot')).toEqual({ every: 30 * 86_400, shard: 86_400 })
  })

  it('that came up after the plan was approved is not carried out', async () => {
    const late = openInfluxSession(server(), { declaration: keep(declaration, 60) })
    const [change] = (await late.plan()).changes
    await fixture.patchBucket('metrics_hot', { every: 0, shard: 86_400 })
    if (change === undefined) throw new Error('the plan is empty')
    await expect(late.apply(change)).rejects.toMatchObject({ code: 'STORE_CHANGED' })
    expect(await fixture.rule('metrics_hot')).toEqual({ every: 0, shard: 86_400 })
    await applyAll(session)
  })
})

describeInfluxdb('a prefix', () => {
  it('is carried by every name, and all of it can be cleared; without one nothing can', async () => {
    const prefixed = openInfluxSession(server(), {
      declaration: metricsDeclaration(join(folder, 'pr')),
      prefix: 'pr_7_',
    })
    await applyAll(prefixed)
    expect((await prefixed.plan()).changes).toEqual([])
    expect(await readdir(join(folder, 'pr'))).toEqual(['pr_7_reader.token', 'pr_7_writer.token'])
    expect(await prefixed.clear()).toEqual([
      'task pr_7_metrics_hourly',
      'DBRP mapping pr_7_metrics/hot',
      'token pr_7_metrics_reader',
      'token pr_7_metrics_writer',
      'bucket pr_7_metrics_cold',
      'bucket pr_7_metrics_hot',
      'organization pr_7_wework',
    ])
    expect(await prefixed.clear()).toEqual([])
    expect(await readdir(join(folder, 'pr'))).toEqual([])
    await expect(session.clear()).rejects.toMatchObject({ code: 'STORE_PREFIX_MISSING', exitCode: 78 })
    expect(await summaries()).toEqual([])
  })
})

async function token(name: string): Promise<string> {
  return (await readFile(join(folder, `${name}.token`), 'utf8')).trim()
}

function keep(from: Declaration, days: number): Declaration {
  const seconds = days * 86_400
  const buckets = from.buckets.map((bucket) =>
    bucket.name === 'metrics_hot' ? { ...bucket, rule: { ...bucket.rule, seconds } } : bucket,
  )
  return { ...from, buckets }
}
