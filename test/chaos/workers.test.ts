import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { installPacked, linkLibraries } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'
import { type Database, openDatabase, waitFor } from './support/database.ts'
import { isSoak } from './support/seed.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/guides/provision.md'), 'utf8')
const project = withProjects()
const workers = 4
/** Of 25 tests each. */
const files = 12

/** What docs/guides/provision.md gives as that file. */
const exampleOf = (file: string): string => new RegExp(`\`\`\`js file=${file}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? ''

/** Tests that would fail by the rows of one another, each from a snapshot that its file takes. */
const suite = `import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { attach } from 'wwdb/testing'
const environment = await attach()
const connection = await createConnection({ uri: environment.urls.shop })
beforeAll(async () => {
  await environment.reset()
  await connection.query('INSERT INTO orders (id) VALUES (1), (2), (3)')
  await environment.snapshot('loaded')
})
beforeEach(() => environment.restore('loaded'))
afterAll(async () => {
  await connection.end()
  await environment.close()
})
test.each(Array.from({ length: 25 }, (_, index) => index))('a worker has three orders of its own %i', async (number) => {
  expect((await connection.query('DELETE FROM orders WHERE id <= 3'))[0].affectedRows).toBe(3)
  await connection.query('INSERT INTO orders (id) VALUES (?)', [100 + number])
  expect((await connection.query('SELECT id FROM orders'))[0]).toEqual([{ id: 100 + number }])
})
`

/** Not jest, but what jest does with the file of the page: it is called for the begin and the end, and between are processes that have the numbers of workers. Each goes through its tests in a loop. */
const loops = `
const { execFile } = require('node:child_process')
const { promisify } = require('node:util')
async function run() {
  const maxWorkers = ${workers}
  await require('./jest-databases.cjs')({ maxWorkers })
  const workers = Array.from({ length: maxWorkers }, (_, index) => {
    const env = { ...process.env, JEST_WORKER_ID: String(index + 1) }
    const worker = promisify(execFile)(process.execPath, ['worker.cjs'], { env })
    worker.child.stdout.pipe(process.stdout)
    return worker
  })
  await Promise.all(workers)
  await require('./jest-databases.cjs')({ maxWorkers })
}
run()
`
const worker = `
const { createConnection } = require('mysql2/promise')
const { attach } = require('wwdb/testing')
async function run() {
  const environment = await attach()
  const connection = await createConnection({ uri: environment.urls.shop })
  await connection.query('INSERT INTO orders (id) VALUES (1), (2), (3)')
  await environment.snapshot('loaded')
  for (let number = 0; number < ${(files * 25) / workers}; number += 1) {
    await environment.restore('loaded')
    const [{ affectedRows }] = await connection.query('DELETE FROM orders WHERE id <= 3')
    if (affectedRows !== 3) throw new Error('a test saw the rows of another')
    console.log('\\u2713')
  }
  await connection.end()
  await environment.close()
}
run()
`

let server: OwnServer
let database: Database
let folder = ''

beforeAll(async () => {
  server = await startServer()
  database = await openDatabase(server.url)
  folder = project({
    'package.json': '{"private": true}',
    'wwdb.config.json': JSON.stringify({ databases: { shop: {} } }),
    'migrations/shop/0001_orders.sql':
      '-- migrate:up\nCREATE TABLE orders (id INT NOT NULL PRIMARY KEY);\n-- migrate:down\nDROP TABLE orders;\n',
    'vitest-databases.mjs': exampleOf('vitest-databases.mjs'),
    'vitest.config.mjs': `export default { test: { maxWorkers: ${workers}, globalSetup: 'vitest-databases.mjs' } }\n`,
    'jest-databases.cjs': exampleOf('jest-databases.cjs'),
    'loops.cjs': loops,
    'worker.cjs': worker,
    ...Object.fromEntries(Array.from({ length: files }, (_, index) => [`suite-${index}.test.mjs`, suite])),
  })
  installPacked(folder)
  linkLibraries(folder, ['mysql2', 'vitest'])
})
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface Running {
  readonly child: ChildProcess
  /** All that it has printed. */
  readonly said: () => string
  /** How many tests have passed. */
  readonly passed: () => number
  readonly ended: Promise<End>
}

let started: Running[] = []

// A test that fails leaves none of its processes behind.
afterEach(async () => {
  for (const running of started) {
    kill(running)
    await running.ended
  }
  started = []
})

/** In a group of its own, so that a kill takes the workers, too. */
function start(words: readonly string[]): Running {
  const env = cleanEnvironment({ WWDB_URL: server.url })
  const child = spawn(execPath, words, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (text += String(part)))
  const ended = new Promise<End>((done) => child.once('close', (code, signal) => done({ code, signal })))
  const running = { child, said: () => text, passed: () => text.match(/✓/g)?.length ?? 0, ended }
  started.push(running)
  return running
}

const hasEnded = ({ child }: Running): boolean => child.exitCode !== null || child.signalCode !== null

/** Kills its whole group, of which workers may be left where it has ended. */
function kill({ child }: Running): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // None is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function ask(sql: string): Promise<readonly string[]> {
  try {
    return (await database.rows(sql)).map(([cell]) => String(cell))
  } catch (error) {
    // Before the first run there is no registry.
    if (error instanceof Error && /wwdb_provision/.test(error.message)) return []
    throw error
  }
}

const registered = () => ask("SELECT name FROM wwdb_provision.sets WHERE name NOT LIKE 'template/%'")
/** But the template, which is for the next run. */
const schemas = () =>
  ask(
    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'wwdb\\_%' AND SCHEMA_NAME NOT LIKE 'wwdb\\_template\\_%' AND SCHEMA_NAME <> 'wwdb_provision'",
  )
/** Connections but that of this test. */
const connections = () =>
  ask("SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'")

type Point = readonly [name: string, isReached: (running: Running) => Promise<boolean>]

const more: readonly Point[] = [
  ['when three test environments are there', async () => (await schemas()).length > 2],
  ['after ten tests', async ({ passed }) => passed() >= 10],
  ['after 290 tests', async ({ passed }) => passed() >= 290],
]
const points: readonly Point[] = [
  ['when the first test environment is registered', async () => (await registered()).length > 0],
  ['when a snapshot is registered', async () => (await registered()).some((name) => name.startsWith('snapshot/'))],
  ['after a hundred tests', async ({ passed }) => passed() >= 100],
  ...(isSoak ? more : []),
]

describe.each([
  ['by vitest', [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=verbose', '--no-color']],
  ['by loops between the two calls of what jest is given', ['loops.cjs']],
])('300 tests of four workers, run %s', (_, words) => {
  test.each(points)(
    'that are killed %s leave nothing that the next run does not drop',
    async (name, isReached) => {
      const killed = start(words)
      await waitFor(name, async () => hasEnded(killed) || (await isReached(killed)), 120)
      expect(hasEnded(killed), killed.said()).toBe(false)
      kill(killed)
      expect(await killed.ended, killed.said()).toEqual({ code: null, signal: 'SIGKILL' })
      // A connection of what was killed may live for a moment: what it holds would be left to a later run.
      await waitFor('the connections to be gone', async () => (await connections()).length === 0)
      const next = start(words)
      expect(await next.ended, next.said()).toEqual({ code: 0, signal: null })
      expect(next.passed()).toBeGreaterThanOrEqual(files * 25)
      await expect.poll(async () => [...(await registered()), ...(await schemas())]).toEqual([])
    },
    300_000,
  )
})
