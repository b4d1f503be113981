import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BackfillOutcome } from '../../../src/stores/contract.ts'
import { createInfluxFixture } from '../../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import {
  applyAll,
  influxAdmin,
  metricsDeclaration,
  openInfluxSession,
} from '../../helpers/influxdb/influxdb-session.ts'
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

/** Kills the tool while the server has done the request and not answered it. */
async function killAt(
  stage: Stage,
  { word, number }: { readonly word: string; readonly number: number },
  words: readonly string[],
): Promise<void> {
  const trap = await setInfluxTrap(server(), word, number)
  const url = `http://${influxAdmin.user}:${influxAdmin.password}@127.0.0.1:${trap.port}`
  const killed = stage.start(['setup', 'backfill', ...words], { environment: { WWDB_STORES_INFLUXDB_URL: url } })
  await Promise.race([trap.sprung, killed.ended.then((run) => Promise.reject(new Error(run.stdout + run.stderr)))])
  killed.child.kill('SIGKILL')
  await killed.ended
  trap.close()
}

/** A backfill of the last day, with a clock of its own, that is stopped when it comes to a run; 0 lets it end. */
async function backfillAt(now: number, from: number, stopAt: number): Promise<BackfillOutcome | undefined> {
  const stop = { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined }
  const report = (message: string): void => {
    if (message.includes(`run ${stopAt} of`)) stop.requested = true
  }
  const declaration = metricsDeclaration('/tokens')
  const session = openInfluxSession(server(), { declaration, now: () => now, run: { report, stop } })
  try {
    expect(await session.lock(20_000)).toBe(true)
    return await session.backfill?.({ task: 'metrics_hourly', from, to: null, dryRun: false })
  } finally {
    await session.close()
  }
}

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
    // A run of the task's own, which may fall into this test, reads one of the windows.
    const before = await countResults(first)
    expect(before.wrong).toBe(0)
    expect(before.right).toBeLessThanOrEqual(1)

    // Each kill leaves a lock that ends fifteen seconds later. The first label is that lock, the second one the position; then the fourth run
    // is killed, with three that are done, and the second one of those that are left.
    const kills = [
      ['POST /api/v2/labels', 2, null],
      ['POST /api/v2/tasks', 4, 9],
      ['POST /api/v2/tasks', 2, 12],
    ] as const
    for (const [word, number, hours] of kills) {
      await killAt(first, { word, number }, ['hourly', ...range])
      const left = await first.json(['setup', 'backfill', 'hourly', ...range, '--dry-run'])
      const continuedAt = hours === null ? null : asTime(from + hours * hour)
      expect(left.answer).toMatchObject({ outcome: { continuedAt, runs: 7, doneBefore: (hours ?? 0) / 3 } })
      expect((await countResults(first)).right).toBeGreaterThanOrEqual(hours ?? 0)
    }
    const last = await first.json(['setup', 'backfill', 'hourly', ...range])
    const continuedAt = asTime(from + 12 * hour)
    expect(last).toMatchObject({
      exitCode: 0,
      answer: { outcome: { state: 'done', doneBefore: 4, done: 3, continuedAt } },
    })
    expect(await countResults(first)).toEqual({ right: 20, wrong: 0 })
    // The position is gone with its end: the next one begins again, and writes the same points.
    const again = await first.json(['setup', 'backfill', 'hourly', ...range])
    expect(again.answer).toMatchObject({ outcome: { doneBefore: 0, done: 7, continuedAt: null } })
    expect(await countResults(first)).toEqual({ right: 20, wrong: 0 })
    expect(await first.run(['setup', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
  }, 240_000)

  it('without an end continues a window later with the end that it began with', async () => {
    const tokens = mkdtempSync(join(tmpdir(), 'wwdb-backfill-'))
    const session = openInfluxSession(server(), { declaration: metricsDeclaration(tokens) })
    await applyAll(session)
    await session.close()
    rmSync(tokens, { recursive: true, force: true })
    const now = Date.now()
    const earlier = now - 2 * hour
    const to = Math.floor((earlier - 600_000) / hour) * hour
    const from = to - 24 * hour
    const first = await backfillAt(earlier, from, 4)
    // The fourth run is started; whether it ends before the first question for its state is up to the server.
    expect(first).toMatchObject({ state: 'stopped', to: asTime(to), runs: 8 })
    expect([3, 4]).toContain(first?.done)
    const second = await backfillAt(now, from, 0)
    const done = first?.done ?? 0
    expect(second).toMatchObject({ state: 'done', to: asTime(to), doneBefore: done, done: 8 - done })
    expect(second?.continuedAt).toBe(asTime(from + done * 3 * hour))
    expect(await backfillAt(now, to, 0)).toMatchObject({
      from: asTime(to),
      to: asTime(to + 2 * hour),
      doneBefore: 0,
      done: 1,
    })
  }, 120_000)

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
    const old = await refusal('hourly', '--start', '2020-01-01')
    expect(old).toMatch(/no longer holds all\s+points\s+since/)
    expect(old).toContain('of which only some points are left')
    // The start that is advised is accepted.
    const [, advised = ''] = /--start\s+(\S+Z)/.exec(old) ?? []
    expect(await stage.run(['setup', 'backfill', 'hourly', '--start', advised, '--dry-run'])).toMatchObject({
      exitCode: 0,
    })
    expect(await refusal('hourly', '--start', `${asTime(Date.now() + hour).slice(0, 10)}T23:59Z`)).toContain(
      'no complete window',
    )
    expect(await refusal('other', '--start', day)).toContain('Declared are `hourly`, `still`.')
    expect(await refusal('still', '--start', day)).toContain('is inactive')
    expect(await stage.run(['setup', 'backfill', 'hourly'])).toMatchObject({ exitCode: 64 })
    for (const time of ['yesterday', '2026-02-30', '2026-11-01T24:00Z', '2026-11-01T06:00:00'])
      expect(await stage.run(['setup', 'backfill', 'hourly', '--start', time])).toMatchObject({ exitCode: 64 })
  })
})
