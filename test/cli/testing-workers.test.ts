import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServer } from '../helpers/servers/servers.ts'
import { installPacked, linkLibraries } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/guides/provision.md'), 'utf8')
const project = withProjects()

/** What docs/guides/provision.md gives as that file. */
function exampleOf(file: string): string {
  const found = new RegExp(`\`\`\`js file=${file}\\n([^]*?)\`\`\``).exec(page)?.[1]
  if (found === undefined) throw new Error(`docs/guides/provision.md shows no ${file}`)
  return found
}

/** Four files that fill the same table, and would see each other's rows in one test environment. */
const suite = `import { createConnection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { attach } from 'wwdb/testing'
let environment
let connection
beforeAll(async () => {
  environment = await attach()
  connection = await createConnection({ uri: environment.urls.shop })
})
afterEach(() => environment.reset())
afterAll(async () => {
  await connection.end()
  await environment.close()
})
test.each([1, 2, 3, 4, 5])('a worker has its table for itself %i', async (number) => {
  await connection.query('INSERT INTO orders (id) VALUES (?)', [number])
  await connection.query('DO SLEEP(0.05)')
  expect((await connection.query('SELECT id FROM orders'))[0]).toEqual([{ id: number }])
})
test('a worker has the tables of all migrations', async () => {
  const [rows] = await connection.query("SHOW TABLES WHERE Tables_in_" + environment.prefix + "shop NOT LIKE 'wwdb%'")
  console.log('tables ' + rows.map((row) => Object.values(row)[0]).join(',') + ' of ' + environment.name)
})
`
const vitestFiles = {
  'vitest-databases.mjs': exampleOf('vitest-databases.mjs'),
  'vitest.config.mjs': `export default { test: { maxWorkers: 2, globalSetup: 'vitest-databases.mjs', forceRerunTriggers: ['**/migrations/**'] } }\n`,
  ...Object.fromEntries([1, 2, 3, 4].map((number) => [`suite-${number}.test.mjs`, suite])),
}

/** Calls the file as jest does: for its begin and its end, with workers that are processes of their own between. */
const runner = `
const { execFile } = require('node:child_process')
const { promisify } = require('node:util')
async function run() {
  const maxWorkers = 3
  await require('./jest-databases.cjs')({ maxWorkers })
  const workers = Array.from({ length: maxWorkers + 1 }, (_, index) =>
    promisify(execFile)(process.execPath, ['worker.cjs'], { env: { ...process.env, JEST_WORKER_ID: String(index + 1) } }),
  )
  const said = (await Promise.all(workers)).map(({ stdout }) => stdout.trim())
  await require('./jest-databases.cjs')({ maxWorkers })
  console.log(JSON.stringify(said))
}
run()
`
const worker = `
const { attach } = require('wwdb/testing')
attach().then(
  async (environment) => {
    console.log(environment.name.replace(/^t([a-z][0-9]){5}/, ''))
    await environment.close()
  },
  (error) => console.log(error.message),
)
`

const migration = (table: string): string =>
  `-- migrate:up\nCREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY);\n-- migrate:down\nDROP TABLE ${table};\n`

describe('the workers of a test runner', () => {
  let folder = ''
  let environment: Readonly<Record<string, string>> = {}

  beforeAll(() => {
    environment = { ...cleanEnvironment({ WWDB_URL: testServer().url }) } as Readonly<Record<string, string>>
    folder = project({
      'package.json': '{"private": true}',
      'wwdb.config.json': JSON.stringify({ databases: { shop: {} } }),
      'migrations/shop/0001_orders.sql': migration('orders'),
      'jest-databases.cjs': exampleOf('jest-databases.cjs'),
      'runner.cjs': runner,
      'worker.cjs': worker,
      ...vitestFiles,
    })
    installPacked(folder)
    linkLibraries(folder, ['mysql2', 'vitest'])
  })

  /** Made-up names of the registry, which only this file's projects and killed runs have. */
  async function madeUp(): Promise<readonly string[]> {
    const connection = await createConnection({ uri: testServer().url })
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT name FROM wwdb_provision.sets WHERE name REGEXP '^t([a-z][0-9]){5}(_[0-9]+)?$'",
    )
    await connection.end()
    return rows.map(({ name }) => String(name))
  }

  test('those of vitest have a test environment each, by the file of the page', () => {
    const words = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=verbose']
    const said = execFileSync(execPath, words, { cwd: folder, env: environment, encoding: 'utf8' })
    expect(said).toMatch(/24 passed/)
    const names = [...said.matchAll(/tables orders of (t\w+)/g)].map(([, name = '']) => name)
    expect(names).toHaveLength(4)
    expect(new Set(names).size).toBe(2)
  })

  test('restore their snapshots, by the file of the page', () => {
    writeFileSync(join(folder, 'orders.test.mjs'), exampleOf('orders.test.mjs'))
    const words = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'orders.test.mjs']
    try {
      expect(execFileSync(execPath, words, { cwd: folder, env: environment, encoding: 'utf8' })).toMatch(/2 passed/)
    } finally {
      rmSync(join(folder, 'orders.test.mjs'))
    }
  })

  test('those of jest have one each, by the file of the page; one too many is told so', () => {
    const said = execFileSync(execPath, ['runner.cjs'], { cwd: folder, env: environment, encoding: 'utf8' })
    expect(JSON.parse(said)).toEqual([
      '_1',
      '_2',
      '_3',
      'There is no test environment for worker 4: the pool has 3.\nGive `provisionPool` as many workers as the test runner has.',
    ])
  })

  test('a set-up file that is run for each test file leaves no connection open', () => {
    writeFileSync(
      join(folder, 'files.mjs'),
      `import { attach } from 'wwdb/testing'
for (let file = 1; file <= 20; file += 1) Object.assign(process.env, (await attach()).environment)
console.log(process.env.WWDB_SET)
`,
    )
    const text = `import { execFileSync } from 'node:child_process'
import { provisionPool } from 'wwdb/testing'
const pool = await provisionPool(1)
const env = { ...process.env, ...pool.environment }
// A connection that is open would keep the process from ending.
process.stdout.write(execFileSync(process.execPath, ['files.mjs'], { env, encoding: 'utf8', timeout: 60_000 }))
await pool.dispose()
`
    writeFileSync(join(folder, 'set-up.mjs'), text)
    const said = execFileSync(execPath, ['set-up.mjs'], { cwd: folder, env: environment, encoding: 'utf8' })
    expect(said).toMatch(/^t([a-z][0-9]){5}_1\n$/)
  })

  test('what a killed run left is dropped by the next one', async () => {
    const text = `import { provisionPool } from 'wwdb/testing'
const pool = await provisionPool(2)
console.log(pool.environments.map(({ name }) => name).join(' '))
if (process.argv[2] === 'hang') setInterval(() => undefined, 1000)
else await pool.dispose()
`
    writeFileSync(join(folder, 'killed.mjs'), text)
    const child = spawn(execPath, ['killed.mjs', 'hang'], { cwd: folder, env: environment })
    const output = outputOf(child)
    await expect.poll(output, { timeout: 60_000 }).toMatch(/\n/)
    const names = output().trim().split(' ')
    expect(await madeUp()).toEqual(expect.arrayContaining(names))
    const run = (): string =>
      execFileSync(execPath, ['killed.mjs'], { cwd: folder, env: environment, encoding: 'utf8' })
    run()
    expect(await madeUp()).toEqual(expect.arrayContaining(names))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const others = async (): Promise<readonly string[]> => {
      run()
      return (await madeUp()).filter((name) => names.includes(name))
    }
    // The server may take a moment to notice that a connection has ended.
    await expect.poll(others, { timeout: 60_000 }).toEqual([])
  })

  describe('that watch', () => {
    let child: ChildProcess | null = null
    afterAll(() => child?.kill('SIGKILL'))

    test('get a new migration, in vitest by the file of the page', async () => {
      const words = [join('node_modules', 'vitest', 'vitest.mjs'), '--watch', '--reporter=verbose']
      child = spawn(execPath, words, { cwd: folder, env: { ...environment, CI: '' }, stdio: ['pipe', 'pipe', 'pipe'] })
      const output = outputOf(child)
      await expect.poll(output, { timeout: 90_000 }).toContain('Waiting for file changes')
      expect(output()).not.toContain('tables orders,refunds')
      writeFileSync(join(folder, 'migrations/shop/0002_refunds.sql'), migration('refunds'))
      await expect.poll(output, { timeout: 90_000 }).toMatch(/tables orders,refunds.*24 passed/s)
      rmSync(join(folder, 'migrations/shop/0002_refunds.sql'))
    })
  })
})

/** All that a process has written so far. */
function outputOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (text += String(part)))
  return () => text
}
