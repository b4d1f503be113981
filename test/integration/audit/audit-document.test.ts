import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asRoot } from '../../helpers/grants/grant-trial.ts'
import { withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { startRedis, type TestRedis } from '../../helpers/redis/redis.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const provisionStage = withProvisionStages()
const page = readFileSync(new URL('../../../docs/operations/audit.md', import.meta.url), 'utf8')
const account = `audited_${process.pid}`
let redis: TestRedis

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(async () => {
  await redis.stop()
  await asRoot(testServer().url, `DROP USER IF EXISTS ${account}`)
})

interface Run {
  readonly command: string
  readonly flags: string
  readonly outcome: string
  readonly changes: readonly string[]
}

interface Line {
  readonly type: string
  readonly [member: string]: unknown
}

async function runsOf(project: Stage, ...flags: readonly string[]): Promise<readonly Run[]> {
  const { answer, exitCode } = await project.json(['history', ...flags])
  expect(exitCode).toBe(0)
  return (answer['targets'] as readonly { readonly runs: readonly Run[] }[]).flatMap(({ runs }) => runs)
}

/** The words of a line of the page; what differs from project to project is given. */
const wordsOf = (line: string, given: Readonly<Record<string, string>>): readonly string[] =>
  line
    .replace(/ +#.*/, '')
    .split(' ')
    .slice(1)
    .map((word) => given[word] ?? word)

test('every command of the page answers, and the columns that it names are those of the table', async () => {
  const project = await stage({ databases: ['user_db'], files: { 'user_db/0001_a.sql': tableMigration('a') } })
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  const [id] = (await project.query('SELECT run_id FROM wwdb_runs'))[0] ?? []
  const lines = page.split('\n').filter((line) => /^wwdb history/.test(line))
  expect(lines.length).toBeGreaterThan(4)
  for (const line of lines)
    expect(await project.run(wordsOf(line, { '20261126T154011-3f9a2c1b': String(id) })), line).toMatchObject({
      exitCode: 0,
    })
  const [, table = ''] = /\| column \| what it is \|\n([\s\S]*?)\n\n/.exec(page) ?? []
  const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)])
  const columns = await project.query(
    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='wwdb_runs' AND COLUMN_NAME<>'connection_id'",
  )
  expect(named.map(([, name]) => name).toSorted()).toEqual(columns.map(([name]) => String(name)).toSorted())
})

test('a log file has the lines that the page shows, with their members', async () => {
  const files = { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': migration('ALTER TABLE a ADD INDEX (nme);') }
  const project = await stage({ files })
  const [command = ''] = page.split('\n').filter((line) => /^wwdb migrate --log-file/.test(line))
  const file = join(project.folder, 'wwdb.log')
  const words = wordsOf(command, { '/var/log/wwdb/wwdb.log': file })
  expect(await project.run([...words, '--no-probe'])).toMatchObject({ exitCode: 2 })
  const [name = ''] = readdirSync(project.folder).filter((one) => /^wwdb-[\d-]+\.log$/.test(one))
  const written = readFileSync(join(project.folder, name), 'utf8').trimEnd().split('\n')
  const logged = written.map((line): Line => JSON.parse(line))
  const [, block = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
  for (const line of block.trimEnd().split('\n')) {
    const shown: Line = JSON.parse(line)
    const like = logged.find(({ type }) => type === shown.type)
    expect(Object.keys(like ?? {}), shown.type).toEqual(expect.arrayContaining(Object.keys(shown)))
  }
  const selected = logged.filter(({ type }) => type === 'error' || type === 'result')
  expect(selected).toMatchObject([
    { kind: 'run', exitCode: 2, outcomes: [{ fault: { errno: 1072, sqlState: '42000' } }] },
  ])
})

test('setup and grants --apply are recorded in the first database, with what they changed', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': tableMigration('a'), 'migrations/redis/all.yaml': 'settings:\n  timeout: 300\n' },
    configuration: { stores: { redis: { url: redis.url } } },
  })
  expect(await project.run(['setup', 'apply', '--only', 'redis', '--yes'])).toMatchObject({ exitCode: 0 })
  project.write('secret', 'a long secret of the account\n')
  chmodSync(join(project.folder, 'secret'), 0o600)
  const words = ['grants', '--for', 'check', '--user', account, '--apply', '--password-file', 'secret', '--without-tls']
  expect(await project.run([...words, '--yes'])).toMatchObject({ exitCode: 0 })
  const [grants, setup] = await runsOf(project)
  expect(setup).toMatchObject({
    ...{ command: 'setup apply', outcome: 'done' },
    changes: [expect.stringContaining('timeout')],
  })
  expect(grants).toMatchObject({
    ...{ command: 'grants', outcome: 'done' },
    changes: [expect.stringContaining(account), expect.stringContaining('changed privileges')],
  })
  expect(JSON.stringify(grants)).not.toContain('a long secret')
})

test('who made and dropped a test environment is what history answers', async () => {
  const project = await provisionStage()
  const name = project.name()
  expect(await project.run(['provision', 'up', '--name', name])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['provision', 'down', '--name', name])).toMatchObject({ exitCode: 0 })
  const runs = await runsOf(project, '--test-environments')
  const own = runs.filter(({ flags }) => flags.includes(name))
  expect(own).toMatchObject([
    { command: 'provision down', outcome: 'done' },
    { command: 'provision up', outcome: 'done' },
  ])
})

test('a drop is recorded in a database that stays, and where none does, a warning says so', async () => {
  const project = await stage({ databases: ['app', 'log'], files: { 'app/0001_a.sql': tableMigration('a') } })
  const drop = (database: string) => ['db', 'drop', '-t', database, '--confirm', project.schema(database)]
  expect(await project.run(drop('app'))).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('recorded') })
  expect(await runsOf(project, '-t', 'log')).toMatchObject([
    {
      command: 'db drop',
      outcome: 'done',
      changes: [expect.stringContaining(`\`${project.schema('app')}\` was dropped`)],
    },
  ])
  const last = await project.run(drop('log'))
  expect(last).toMatchObject({ exitCode: 0 })
  expect(last.stderr.replace(/\s+/g, ' ')).toContain('This drop is not recorded in a database')
})

test('status shows a run between two statements, with its person and command, until it ends', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
    configuration: { hooks: { before: { migration: 'touch asked; until test -e allowed; do sleep 0.1; done' } } },
  })
  const migrating = project.run(['migrate', '--no-probe'])
  await expect.poll(() => existsSync(join(project.folder, 'asked')), { timeout: 20_000 }).toBe(true)
  const seen = await project.json(['status'])
  expect(seen.answer['targets']).toMatchObject([
    { runs: [{ id: expect.stringMatching(/^\d{8}T/), command: 'migrate', person: expect.stringContaining('test@') }] },
  ])
  expect((await project.run(['status'])).stdout).toMatch(/Running, by test@.*: `migrate`, for \d+ s/)
  writeFileSync(join(project.folder, 'allowed'), '')
  expect(await migrating).toMatchObject({ exitCode: 0 })
  expect((await project.run(['status'])).stdout).not.toContain('Running, by')
})
