import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const files = { 'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);', 'DROP TABLE a;') }
let stage: Stage

beforeAll(async () => {
  stage = await openStage({ files })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
})

async function collationOf(one: Stage): Promise<unknown> {
  const sql = `SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='${one.schema('app')}'`
  return (await one.query(sql))[0]?.[0]
}

const alter = (one: Stage, set: string): Promise<unknown> =>
  one.query(`ALTER DATABASE \`${one.schema('app')}\` CHARACTER SET ${set}`)

test('drift finds a character set of the schema that was changed by hand, and takes it back', async () => {
  const before = await collationOf(stage)
  await alter(stage, 'latin1')
  const found = await stage.run(['drift'])
  expect(found.exitCode).toBe(1)
  expect(found.stdout).toContain('✗ schema app: option COLLATE is latin1_swedish_ci, not utf8mb4_0900_ai_ci')
  const revert = await stage.run(['drift', '--revert', '--yes'])
  expect(revert, revert.stderr).toMatchObject({ exitCode: 0 })
  expect(await collationOf(stage)).toBe(before)
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
})

test('drift accepts the character set of a schema as a migration, which any other database gets', async () => {
  await alter(stage, 'utf8mb4 COLLATE utf8mb4_bin')
  const accept = await stage.run(['drift', '--accept', 'binary_default'])
  expect(accept, accept.stderr).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  const folder = join(stage.folder, 'migrations/app')
  const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('_binary_default.sql'))
  const other = await openStage({ files })
  expect(await other.run(['migrate'])).toMatchObject({ exitCode: 0 })
  other.write(`app/${name}`, readFileSync(join(folder, name), 'utf8'))
  const run = await other.run(['migrate'])
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(await collationOf(other)).toBe('utf8mb4_bin')
  expect(await other.run(['drift'])).toMatchObject({ exitCode: 0 })
  expect(await other.run(['rollback', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await collationOf(other)).toBe('utf8mb4_0900_ai_ci')
  expect(await other.run(['drift'])).toMatchObject({ exitCode: 0 })
})

test('a record that has nothing of the character set of its schema finds no drift in it, and the next run adds it', async () => {
  // As an earlier wwdb wrote it, which had no seal either.
  await stage.query("DELETE FROM wwdb_schema WHERE kind='schema'")
  await stage.query("UPDATE wwdb_schema SET fingerprint=NULL WHERE kind='journal'")
  await alter(stage, 'latin1')
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  stage.write('app/0003_b.sql', migration('CREATE TABLE b (id INT PRIMARY KEY);', 'DROP TABLE b;'))
  const versions = readdirSync(join(stage.folder, 'migrations/app'))
  expect(versions).toContain('0003_b.sql')
  const run = await stage.run(['migrate'])
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(await stage.query("SELECT kind FROM wwdb_schema WHERE kind='schema'")).toEqual([['schema']])
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
})

describe('drift by replay', () => {
  let other: Stage

  beforeAll(async () => {
    other = await openStage({
      files: {
        'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(9));', 'DROP TABLE a;'),
        'app/0002_binary.sql': migration(
          'ALTER DATABASE {{schema:app}} COLLATE utf8mb4_bin;\nCREATE TABLE b (id INT PRIMARY KEY, name VARCHAR(9));',
          'DROP TABLE b;\nALTER DATABASE {{schema:app}} COLLATE utf8mb4_0900_ai_ci;',
        ),
      },
    })
    expect(await other.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  const replay = (...words: readonly string[]) => other.run(['drift', '--replay', ...words])

  async function alterAndFind(): Promise<void> {
    await alter(other, 'latin1')
    const found = await replay()
    expect(found.exitCode).toBe(1)
    expect(found.stdout).toContain('✗ schema app: option COLLATE is latin1_swedish_ci, not utf8mb4_bin')
    expect(found.stdout.match(/✗ (?:schema|table)/g)).toHaveLength(1)
  }

  test('begins with the character set that the schema had before its migrations', async () => {
    const clean = await replay()
    expect(clean, clean.stdout).toMatchObject({ exitCode: 0 })
  })

  test('takes the character set of the schema back that was changed by hand', async () => {
    await alterAndFind()
    const diff = await other.run(['schema', 'diff', '--from', 'files', '--to', 'live', '--exit-code'])
    expect(diff, diff.stderr).toMatchObject({ exitCode: 1 })
    expect(diff.stdout).toContain('schema app: option COLLATE')
    const revert = await replay('--revert', '--yes')
    expect(revert, revert.stderr).toMatchObject({ exitCode: 0 })
    expect(await collationOf(other)).toBe('utf8mb4_bin')
    expect(await replay()).toMatchObject({ exitCode: 0 })
  })

  test('leaves it alone where the configuration says so', async () => {
    await alterAndFind()
    const text = readFileSync(join(other.folder, 'wwdb.config.json'), 'utf8')
    const ignore = { 'app/app': { reason: 'a trial', until: '2999-01-31' } }
    other.write('wwdb.config.json', JSON.stringify({ ...JSON.parse(text), drift: { ignore } }))
    const ignored = await replay()
    other.write('wwdb.config.json', text)
    expect(ignored, ignored.stdout).toMatchObject({ exitCode: 0 })
    expect(ignored.stdout).toContain('a trial')
  })

  test('keeps it as a migration, of which a rollback takes the change back', async () => {
    const accept = await replay('--accept', 'western')
    expect(accept, accept.stderr).toMatchObject({ exitCode: 0 })
    for (const words of [['drift'], ['drift', '--replay'], ['drift', '--replay', '--fresh']])
      expect(await other.run(words)).toMatchObject({ exitCode: 0 })
    const back = await other.run(['rollback', '--steps', '2', '--yes', '--allow', 'drop-table'])
    expect(back, back.stdout + back.stderr).toMatchObject({ exitCode: 0 })
    expect(await collationOf(other)).toBe('utf8mb4_0900_ai_ci')
    expect(await replay('--fresh')).toMatchObject({ exitCode: 0 })
  })
})

test('the first record reads each table once, whether it was there or is made by the run', async () => {
  const own = await openStage({ files: { 'app/0001_b.sql': migration('CREATE TABLE b (id INT PRIMARY KEY);') } })
  await own.query('CREATE TABLE a (id INT PRIMARY KEY)')
  const read: string[] = []
  const proxy = await openWireProxy(Number(new URL(own.url).port), async ({ text }, moment) => {
    if (moment === 'before') read.push(...(text.match(/SHOW CREATE TABLE [^;]*`[ab]`/g) ?? []))
    return 'pass'
  })
  const run = await own.run(['migrate', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
  await proxy.close()
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(read.map((text) => text.at(-2)).toSorted()).toEqual(['a', 'b'])
  expect(await own.run(['drift'])).toMatchObject({ exitCode: 0 })
})
