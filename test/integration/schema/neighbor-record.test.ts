import { beforeEach, describe, expect, test } from 'vitest'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
let stage: Stage

beforeEach(async () => {
  stage = await openStage({
    databases: ['user_db', 'app'],
    files: {
      'user_db/0001_users.sql': migration(
        'CREATE TABLE users (id INT PRIMARY KEY);\nCREATE TABLE roles (id INT PRIMARY KEY);\nCREATE TABLE spare (id INT PRIMARY KEY);',
        'DROP TABLE users, roles, spare;',
      ),
      'app/0001_orders.sql': migration('CREATE TABLE orders (id INT PRIMARY KEY);', 'DROP TABLE orders;'),
    },
  })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  stage.write(
    'app/0002_across.sql',
    migration(
      'ALTER TABLE {{schema:user_db}}.users ADD COLUMN name VARCHAR(50);\nCREATE VIEW {{schema:user_db}}.named AS SELECT id FROM {{schema:user_db}}.users;\nDROP TABLE {{schema:user_db}}.spare;\nALTER TABLE orders ADD COLUMN total INT;',
      'ALTER TABLE orders DROP COLUMN total;\nCREATE TABLE {{schema:user_db}}.spare (id INT PRIMARY KEY);\nDROP VIEW {{schema:user_db}}.named;\nALTER TABLE {{schema:user_db}}.users DROP COLUMN name;',
    ),
  )
})

const migrate = ['migrate', '-t', 'app', '--allow', 'drop-table']

const recordOf = (): Promise<unknown> =>
  stage.query(
    "SELECT name, definition LIKE '%`name`%' FROM wwdb_schema WHERE kind IN ('table','view') ORDER BY kind,name",
    'user_db',
  )

const before = [
  ['roles', 0],
  ['spare', 0],
  ['users', 0],
]
const after = [
  ['roles', 0],
  ['users', 1],
  ['named', 0],
]

test('a run renews the records of other databases for the objects that it changes there, and a rollback does', async () => {
  expect(await recordOf()).toEqual(before)
  await stage.query('ALTER TABLE roles ADD COLUMN by_hand INT', 'user_db')
  const run = await stage.run(migrate)
  expect(run, run.stdout + run.stderr).toMatchObject({ exitCode: 0 })
  expect(await recordOf()).toEqual(after)
  const drift = await stage.json(['drift'])
  expect(drift).toMatchObject({ exitCode: 1, answer: { differences: 1 } })
  expect(JSON.stringify(drift.answer)).toContain('by_hand')
  const back = await stage.run(['rollback', '-t', 'app', '--yes', '--allow', 'drop-column'])
  expect(back, back.stdout + back.stderr).toMatchObject({ exitCode: 0 })
  expect(await recordOf()).toEqual(before)
  expect(await stage.json(['drift'])).toMatchObject({ exitCode: 1, answer: { differences: 1 } })
})

test('migrate stops where its plan changes what was changed by hand in another database', async () => {
  await stage.query('ALTER TABLE users ADD COLUMN by_hand INT', 'user_db')
  const run = await stage.run(migrate)
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain(
    'The table `users` of `user_db` was changed since the last run of wwdb: column by_hand is not expected.',
  )
  expect(await recordOf()).toEqual(before)
  expect(await stage.run([...migrate, '--drift', 'warn'])).toMatchObject({ exitCode: 0 })
  expect(await stage.json(['drift'])).toMatchObject({
    exitCode: 1,
    answer: { databases: [{ differences: [{ name: 'users', change: 'unproven' }] }, { differences: [] }] },
  })
})

test.each([
  { what: 'in the middle', text: 'DROP TABLE' },
  { what: 'at its last write', text: 'REPLACE INTO wwdb_schema' },
])(
  'a run that is lost $what leaves no drift in another database, and the next one records what it did',
  async ({ text }) => {
    let isLost = false
    const proxy = await openWireProxy(Number(new URL(stage.url).port), async (command, moment) => {
      if (!isLost && moment === 'before' && command.text.includes(text) && !command.text.includes('wwdb_scratch_')) {
        isLost = true
        await stage.query(`KILL ${command.threadId}`)
      }
      return 'pass'
    })
    const lost = await stage.run([...migrate, '--trial', 'off', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
    await proxy.close()
    expect(isLost).toBe(true)
    expect(lost.exitCode).not.toBe(0)
    expect(await recordOf()).toEqual(before)
    const drift = await stage.run(['drift'])
    expect(drift, drift.stdout).toMatchObject({ exitCode: 0 })
    expect(await stage.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await recordOf()).toEqual(after)
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    await stage.query('ALTER TABLE users ADD COLUMN by_hand INT', 'user_db')
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 1 })
  },
)

describe('what no statement names', () => {
  const procedure = migration(
    'CREATE PROCEDURE across() ALTER TABLE {{schema:user_db}}.users ADD COLUMN name VARCHAR(50);\nCALL across();\nDROP PROCEDURE across;',
  )
  /** No placeholder is resolved inside a string. */
  const prepared = (): string =>
    migration(
      `SET @text = 'ALTER TABLE ${stage.schema('user_db')}.users ADD COLUMN name VARCHAR(50)';\nPREPARE across FROM @text;\nEXECUTE across;\nDEALLOCATE PREPARE across;`,
    )
  const changed = [
    ['roles', 0],
    ['spare', 0],
    ['users', 1],
  ]

  test.each([
    { what: 'a procedure', text: () => procedure },
    { what: 'a prepared statement', text: prepared },
  ])(
    'is recorded in another database where $what changed it, and what was changed by hand stays drift',
    async ({ text }) => {
      stage.write('app/0002_across.sql', text())
      await stage.query('ALTER TABLE roles ADD COLUMN by_hand INT', 'user_db')
      const run = await stage.run(migrate)
      expect(run, run.stdout + run.stderr).toMatchObject({ exitCode: 0 })
      expect(await recordOf()).toEqual(changed)
      expect(await stage.json(['drift'])).toMatchObject({
        exitCode: 1,
        answer: { databases: [{ differences: [{ name: 'roles' }] }, { differences: [] }] },
      })
    },
  )

  test('leaves another database out where the run was lost behind it, and the next one with something to do records it', async () => {
    stage.write('app/0002_across.sql', procedure)
    let isLost = false
    const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text, threadId }, moment) => {
      if (!isLost && moment === 'before' && text.includes('REPLACE INTO wwdb_schema')) {
        isLost = true
        await stage.query(`KILL ${threadId}`)
      }
      return 'pass'
    })
    const lost = await stage.run([...migrate, '--trial', 'off', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
    await proxy.close()
    expect(isLost).toBe(true)
    expect(lost.exitCode).not.toBe(0)
    const drift = await stage.run(['drift'])
    expect(drift, drift.stdout).toMatchObject({ exitCode: 0 })
    expect(drift.stderr).toContain('`user_db` is skipped: a run is in progress, or was interrupted')
    stage.write('app/0003_more.sql', migration('CREATE TABLE more (id INT PRIMARY KEY);'))
    expect(await stage.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await recordOf()).toEqual(changed)
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('is not looked for by a run whose statements name all that they change', async () => {
    stage.write('app/0002_across.sql', migration('CREATE TABLE more (id INT PRIMARY KEY);'))
    const asked: string[] = []
    const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
      if (moment === 'before' && text.includes(stage.schema('user_db'))) asked.push(text)
      return 'pass'
    })
    const run = await stage.run([...migrate, '--url', `mysql://root@127.0.0.1:${proxy.port}`])
    await proxy.close()
    expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    expect(asked.filter((text) => !text.startsWith('ROLLBACK;SELECT kind'))).toEqual([])
  })
})
