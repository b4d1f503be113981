import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportResult } from '../../src/report/commands/report-view.ts'
import type { ReportStore } from '../../src/report/report.ts'
import { readAnswer } from '../helpers/documents/published.ts'
import { longestBuild } from '../helpers/influxdb/influxdb-server.ts'
import { freePorts } from '../helpers/servers/ports.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { runTool, type ToolOptions, type ToolRun } from '../helpers/tool/tool.ts'

interface Step {
  readonly step: string
  readonly state: string
  readonly summary: string
}

interface Platform {
  readonly steps: readonly Step[]
  readonly places: readonly { readonly name: string; readonly server: string }[]
}

const root = resolve(import.meta.dirname, '../..')
const folder = withProjects()({})
let options: ToolOptions

/** Those of the users that are declared: without them they are neither made nor compared. */
const passwords = Object.fromEntries(
  ['MONGODB_APP', 'MONGODB_READER', 'REDIS_APP', 'REDIS_READER'].map((user) => [
    `WEWORK_${user}_PASSWORD`,
    `secret-${user}`,
  ]),
)

/** This repository's own project, on a sandbox of all five stores that belongs to this file. */
beforeAll(async () => {
  const sandbox = { WWDB_SANDBOX_DIRECTORY: folder, WWDB_SANDBOX_PORT: String(await freePorts(41)) }
  options = { cwd: root, environment: { ...sandbox, ...passwords, WWDB_ROTATION_ARCHIVE: `${folder}/archives` } }
  const stores = ['elasticsearch', 'influxdb', 'mongodb', 'redis'].flatMap((store) => ['--with', store])
  const up = await runTool(['sandbox', 'up', ...stores], options)
  expect(up.stderr + up.stdout).toContain('The sandbox is running.')
  options = {
    cwd: root,
    environment: { ...options.environment, ...variablesOf(await runTool(['sandbox', 'env'], options)) },
  }
}, longestBuild)

afterAll(() => runTool(['sandbox', 'down', '--remove', '--yes'], options), 120_000)

function variablesOf({ stdout }: ToolRun): Readonly<Record<string, string>> {
  const lines = [...stdout.matchAll(/^export (WWDB_\w+)='(.*)'$/gm)]
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]))
}

function answerOf(run: ToolRun): Platform {
  const { kind, steps, places } = readAnswer(run).answer
  expect(kind).toBe('platform')
  return { steps, places } as unknown as Platform
}

/** What a report says of the stores, and its page. */
async function reportOf(
  there: ToolOptions,
): Promise<{ readonly stores: readonly ReportStore[]; readonly page: string }> {
  const out = join(folder, 'report.html')
  const run = await runTool(['report', '--out', out, '--json'], there)
  expect(run.exitCode, run.stderr).toBe(0)
  const { report } = readAnswer(run).answer as unknown as ReportResult
  return { stores: report.stores, page: readFileSync(out, 'utf8') }
}

const databases = ['user_db', 'instance_db', 'message_db', 'contact_db', 'monitor_db']
const stores = ['elasticsearch', 'influxdb', 'mongodb', 'redis']

const dayOf = (): string => new Date().toISOString().slice(0, 10)

/** A run of `wwdb up` that has no new day's shards to make: where midnight fell before its end, it runs again. */
async function upAgain(flags: readonly string[]): Promise<ToolRun> {
  const day = dayOf()
  const run = await runTool(['up', ...flags], options)
  if (day === dayBuilt && day === dayOf()) return run
  dayBuilt = dayOf()
  return upAgain(flags)
}

/** The day before the first run: its shards are surely there. */
let dayBuilt = dayOf()

describe('wwdb up on empty servers', () => {
  it('brings the whole platform up, and says in one screen what is where', async () => {
    const up = await runTool(['up'], options)
    expect(up.stderr).not.toContain('✗')
    expect(up.exitCode).toBe(0)
    for (const name of [...databases, ...stores]) expect(up.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
    expect(up.stdout).toContain('The platform is up')
    expect(up.stdout.split('\n').length).toBeLessThanOrEqual(24)
  }, 240_000)

  it('up reports that nothing needed doing when it runs again', async () => {
    const again = await upAgain(['--json'])
    const { steps, places } = answerOf(again)
    expect(again.exitCode).toBe(0)
    expect(steps.map(({ step, state }) => `${step}: ${state}`)).toEqual([
      'create: nothing-to-do',
      'migrate: nothing-to-do',
      'rotate: nothing-to-do',
      'seed: nothing-to-do',
      'setup: nothing-to-do',
    ])
    expect(places.map(({ name }) => name)).toEqual([...databases, ...stores])
    expect((await upAgain([])).stdout).toContain('There was nothing to do')
  }, 120_000)

  it('has made what works', async () => {
    const verified = await runTool(['setup', 'verify'], options)
    expect(verified.stdout).not.toContain('✗')
    expect(verified.exitCode).toBe(0)
  }, 120_000)

  it('is in a report with every store as it is declared', async () => {
    const { stores: shown, page } = await reportOf(options)
    expect(shown.map(({ store, state, findings, fault }) => [store, state, findings, fault])).toEqual(
      stores.map((store) => [store, 'as-declared', [], null]),
    )
    expect(shown.filter(({ unchanged }) => unchanged < 2)).toEqual([])
    for (const { store, server, unchanged } of shown) {
      expect(page).toContain(`<h3>${store} <span class="state as-declared">`)
      expect(page).toContain(`${server} · ${unchanged} resources as declared`)
    }
    for (const secret of Object.values(passwords)) expect(page).not.toContain(secret)
  }, 120_000)

  it('has no finding of the doctor but what is said of a machine of tests', async () => {
    const copy = join(folder, 'project')
    for (const name of ['migrations', 'seeds', 'shard-templates'])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    const own = JSON.parse(readFileSync(join(root, 'wwdb.config.json'), 'utf8'))
    const ignore = {
      'account-rights': 'a sandbox has root alone',
      'node-end-of-life': 'tests run on every Node that is supported here',
      'redis-end-of-life': 'Redis comes from Debian where there is no Docker',
      'mongodb-end-of-life': 'no newer mongod can be had where there is no Docker',
      'elasticsearch-weak': 'one node has no place for replicas',
      'redis-weak': 'sessions may be evicted: their users log in again',
    }
    writeFileSync(join(copy, 'wwdb.config.json'), JSON.stringify({ ...own, doctor: { ignore } }))
    const there = { ...options, cwd: copy }
    expect((await runTool(['validate', '--write-sum'], there)).exitCode).toBe(0)
    const look = async () => readAnswer(await runTool(['doctor', '--json'], there)).answer
    // A machine under load may be too slow for the four seconds that a connection has.
    const reached = { servers: { answered: 1, all: 1 }, stores: { answered: 4, all: 4 } }
    await expect.poll(look, { timeout: 150_000 }).toMatchObject({ findings: [], ...reached })
  }, 180_000)

  it('gives a set for tests its own resources in every store, and takes them away with it', async () => {
    const withStores = stores.flatMap((store) => ['--with', store])
    const up = await runTool(['provision', 'up', '--name', 'pr7', '--as', 'json', ...withStores], options)
    expect(up.stderr).not.toContain('✗')
    expect(up.exitCode).toBe(0)
    expect(JSON.parse(up.stdout)).toMatchObject({ WWDB_PREFIX: 'wwdb_pr7_', REDIS_PREFIX: 'wwdb_pr7_' })
    const set = { ...options, environment: { ...options.environment, ...JSON.parse(up.stdout) } }
    const again = await runTool(['setup', 'plan', '--json'], set)
    expect(readAnswer(again).answer['changes']).toBe(0)
    expect((await runTool(['provision', 'down', '--name', 'pr7'], options)).exitCode).toBe(0)
    const after = readAnswer(await runTool(['setup', 'plan', '--json'], set)).answer
    const bare = (after['stores'] as readonly { store: string; plan: { changes: readonly unknown[] } }[]).map(
      ({ store, plan }) => [store, plan.changes.length > 0],
    )
    expect(Object.fromEntries(bare)).toMatchObject({ elasticsearch: true, influxdb: true, mongodb: true, redis: true })
    expect(readAnswer(await runTool(['setup', 'plan', '--json'], options)).answer['changes']).toBe(0)
    // What is gone is said of each store, with what brings it back.
    const { stores: shown, page } = await reportOf(set)
    expect(shown.map(({ store, state }) => [store, state])).toEqual(stores.map((store) => [store, 'differs']))
    for (const { findings } of shown) expect(findings[0]?.next).toContain('wwdb setup')
    expect(page.match(/<span class="state differs">/g)).toHaveLength(stores.length)
  }, 240_000)

  it('keeps a failing step from those alone that build on it', async () => {
    const environment = { ...options.environment, WWDB_URL: 'mysql://root@127.0.0.1:1' }
    const down = await runTool(['up', '--json'], { ...options, environment })
    expect(down.exitCode).toBe(69)
    expect(answerOf(down).steps.map(({ step, state }) => `${step}: ${state}`)).toEqual([
      'create: failed',
      'migrate: not-started',
      'rotate: not-started',
      'seed: not-started',
      'setup: nothing-to-do',
    ])
  }, 120_000)
})
