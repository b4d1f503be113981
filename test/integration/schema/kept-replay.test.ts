import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWireProxy, type WireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'

const openStage = withStages()

const users = migration('CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50));', 'DROP TABLE users;')
let stage: Stage
let proxy: WireProxy
let cache: string
/** Scratch schemas that the server was asked for. */
let made = 0

beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'wwdb-cache-'))
  stage = await openStage({
    databases: ['user_db', 'app'],
    files: {
      'user_db/0001_users.sql': users,
      'app/0001_orders.sql': migration('CREATE TABLE orders (id INT PRIMARY KEY);', 'DROP TABLE orders;'),
    },
  })
  proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
    if (moment === 'before' && text.startsWith('CREATE SCHEMA `wwdb_scratch_')) made += 1
    return 'pass'
  })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  await stage.query('ALTER TABLE users ADD COLUMN note TEXT', 'user_db')
})

afterAll(async () => {
  await proxy.close()
  rmSync(cache, { recursive: true, force: true })
})

async function count(
  words: readonly string[],
  folder = cache,
): Promise<{ readonly run: ToolRun; readonly made: number }> {
  made = 0
  const url = `mysql://root@127.0.0.1:${proxy.port}`
  const run = await stage.run([...words, '--url', url], { environment: { WWDB_CACHE_DIR: folder } })
  return { run, made }
}

const kept = (): readonly string[] => readdirSync(join(cache, 'replays'))

test('a second comparison with the same files asks the server for no scratch schema, and answers the same', async () => {
  const first = await count(['schema', 'diff'])
  expect(first).toMatchObject({ made: 2, run: { exitCode: 0 } })
  expect(first.run.stdout).toContain('column note')
  expect(await count(['schema', 'diff'])).toEqual({ run: first.run, made: 0 })
  expect(await count(['schema', 'diff', '-t', 'user_db'])).toMatchObject({ made: 0, run: { exitCode: 0 } })
  const [file = ''] = kept()
  expect(statSync(join(cache, 'replays', file)).mode & 0o077).toBe(0)
})

test('drift by replay takes what a comparison has kept of the same steps, and replays with --fresh', async () => {
  expect(await count(['drift', '--replay'])).toMatchObject({ made: 0, run: { exitCode: 1 } })
  expect(await count(['drift', '--replay', '--fresh'])).toMatchObject({ made: 2, run: { exitCode: 1 } })
  expect(await count(['schema', 'dump', '--from', 'files', '--fresh'])).toMatchObject({ made: 2, run: { exitCode: 0 } })
})

test('a changed file, another beginning of a schema and a broken file of the cache are replayed', async () => {
  stage.write('user_db/0001_users.sql', users.replace('VARCHAR(50)', 'VARCHAR(60)'))
  const changed = await count(['schema', 'diff', '-t', 'user_db'])
  expect(changed).toMatchObject({ made: 2, run: { exitCode: 0 } })
  expect(changed.run.stdout).toContain('varchar(60)')
  await stage.query(`ALTER DATABASE \`${stage.schema('app')}\` CHARACTER SET latin1`, 'app')
  const byHand = await count(['schema', 'diff'])
  expect(byHand).toMatchObject({ made: 0, run: { exitCode: 0 } })
  expect(byHand.run.stdout).toContain('schema app: option COLLATE')
  await stage.query(
    "UPDATE wwdb_schema SET definition=REPLACE(definition,'0900_ai_ci','bin') WHERE kind='schema'",
    'app',
  )
  expect(await count(['schema', 'diff'])).toMatchObject({ made: 2, run: { exitCode: 0 } })
  for (const file of kept()) {
    const path = join(cache, 'replays', file)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"nullable":', '"nullable":"perhaps","was":'))
  }
  expect(await count(['schema', 'diff'])).toMatchObject({ made: 2, run: { exitCode: 0 } })
  expect(await count(['schema', 'diff'])).toMatchObject({ made: 0, run: { exitCode: 0 } })
})

test('a replay that holds a password, or that a module is part of, is not kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-cache-'))
  try {
    stage.write(
      'app/0002_account.sql',
      migration(
        "CREATE PROCEDURE make_account() CREATE USER nobody IDENTIFIED BY 'hush-hush';",
        'DROP PROCEDURE make_account;',
      ),
    )
    expect(await count(['schema', 'diff'], folder)).toMatchObject({ made: 2, run: { exitCode: 0 } })
    expect(readdirSync(join(folder, 'replays'))).toEqual([])
    stage.remove('app/0002_account.sql')
    stage.write('app/0002_rows.mjs', 'export async function up() {}\nexport async function down() {}\n')
    expect(await count(['schema', 'diff'], folder)).toMatchObject({ made: 2, run: { exitCode: 0 } })
    expect(readdirSync(join(folder, 'replays'))).toEqual([])
  } finally {
    stage.remove('app/0002_rows.mjs')
    rmSync(folder, { recursive: true, force: true })
  }
})
