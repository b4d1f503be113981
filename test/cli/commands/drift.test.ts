import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const files = {
  'user_db/0001_users.sql': migration(
    'CREATE TABLE users (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, KEY idx_name (name));\nCREATE VIEW names AS SELECT id, name FROM users;',
    'DROP VIEW names; DROP TABLE users;',
  ),
  'app/0001_orders.sql': migration('CREATE TABLE orders (id INT PRIMARY KEY);', 'DROP TABLE orders;'),
}

const record = "SELECT kind,name,form,pass FROM wwdb_schema WHERE kind<>'pass' ORDER BY kind,name"

describe('the record of the schema', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ databases: ['user_db', 'app'], files })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('a run that changes a schema records its objects', async () => {
    expect(await stage.query(record, 'user_db')).toEqual([
      ['journal', '', 1, 1],
      ['schema', '', 1, 1],
      ['table', 'users', 2, 1],
      ['view', 'names', 1, 1],
    ])
  })

  test('a run records what it changes, and not what was changed by hand before', async () => {
    await stage.query('CREATE TABLE stray (id INT PRIMARY KEY)', 'app')
    stage.write('app/0002_more.sql', migration('CREATE TABLE more (id INT PRIMARY KEY);', 'DROP TABLE more;'))
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query(record, 'app')).toEqual([
      ['journal', '', 1, 2],
      ['schema', '', 1, 1],
      ['table', 'more', 2, 2],
      ['table', 'orders', 2, 1],
    ])
    await stage.query('DROP TABLE stray', 'app')
  })

  test('migrate stops before its first statement where its plan changes what was changed by hand', async () => {
    await stage.query('ALTER TABLE users ADD COLUMN note TEXT', 'user_db')
    stage.write(
      'user_db/0002_mail.sql',
      migration(
        'CREATE TABLE mails (id INT PRIMARY KEY);\nALTER TABLE users ADD COLUMN mail VARCHAR(50);',
        'ALTER TABLE users DROP COLUMN mail; DROP TABLE mails;',
      ),
    )
    const run = await stage.json(['migrate'])
    expect(run).toMatchObject({ exitCode: 2, answer: { type: 'error', code: 'DRIFT' } })
    const { stderr } = await stage.run(['migrate'])
    expect(stderr).toContain(
      'The table `users` of `user_db` was changed since the last run of wwdb: column note is not expected.',
    )
    expect(stderr).toContain('`wwdb drift --revert`')
    expect(await stage.tables('user_db')).toEqual(['names', 'users'])
    await stage.query('ALTER TABLE users DROP COLUMN note', 'user_db')
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('a rollback records what it leaves', async () => {
    expect(await stage.run(['rollback', '-t', 'user_db', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query(record, 'user_db')).toEqual([
      ['journal', '', 1, 3],
      ['schema', '', 1, 1],
      ['table', 'users', 2, 3],
      ['view', 'names', 1, 1],
    ])
  })
})

describe('the three answers to drift', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ databases: ['user_db', 'app'], files })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
  })

  test('status and metrics count what was changed by hand', async () => {
    expect((await stage.json(['status'])).answer).toMatchObject({ targets: [{ drift: 0 }, { drift: 0 }] })
    await stage.query('ALTER TABLE users ADD COLUMN note TEXT', 'user_db')
    await stage.query('CREATE TABLE stray (id INT PRIMARY KEY)', 'user_db')
    const status = await stage.json(['status'])
    expect(status).toMatchObject({ exitCode: 0, answer: { targets: [{ drift: 2 }, { drift: 0 }] } })
    expect((await stage.run(['status'])).stdout).toContain('2 objects were changed by hand')
    expect(await stage.run(['drift', '--metrics', 'wwdb.prom'])).toMatchObject({ exitCode: 1 })
    const metrics = readFileSync(join(stage.folder, 'wwdb.prom'), 'utf8')
    expect(metrics).toContain('wwdb_drift_objects{database="user_db"} 2')
    expect(metrics).toContain('wwdb_drift_objects{database="app"} 0')
  })

  test('--revert plans without writing, stops at hazards, and takes back what it may', async () => {
    const planned = await stage.run(['drift', '--revert', '--only', 'stray', '--dry-run'])
    expect(planned).toMatchObject({ exitCode: 0 })
    expect(planned.stdout).toContain('DROP_TABLE')
    expect(await stage.tables('user_db')).toContain('stray')
    const stopped = await stage.json(['drift', '--revert', '--only', 'stray', '--yes'])
    expect(stopped).toMatchObject({ exitCode: 2, answer: { code: 'HAZARDS' } })
    const done = await stage.run(['drift', '--revert', '--only', 'stray', '--yes', '--allow', 'drop-table'])
    expect(done).toMatchObject({ exitCode: 0 })
    expect(await stage.tables('user_db')).toEqual(['names', 'users'])
    expect(await stage.json(['drift'])).toMatchObject({ exitCode: 1, answer: { differences: 1 } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('--accept writes a migration with both ways, records it as applied, and any other database gets it by migrate', async () => {
    const planned = await stage.run(['drift', '--accept', 'add_note', '--dry-run'])
    expect(planned.stdout).toContain('ADD COLUMN `note` text')
    expect(readdirSync(join(stage.folder, 'migrations/user_db'))).toEqual(['0001_users.sql', 'wwdb.sum'])
    const accepted = await stage.run(['drift', '--accept', 'add_note'])
    expect(accepted).toMatchObject({ exitCode: 0 })
    expect(accepted.stdout.replaceAll(/\s+/g, ' ')).toContain('1 migration recorded (0 statements')
    expect(accepted.stdout.replaceAll(/\s+/g, ' ')).toContain(
      '0002_add_note written to migrations/user_db/0002_add_note.sql and recorded as applied: one object',
    )
    const text = readFileSync(join(stage.folder, 'migrations/user_db/0002_add_note.sql'), 'utf8')
    expect(text).toMatch(
      /-- migrate:up\nALTER TABLE `users`\n[^;]*ADD COLUMN `note` text[^;]*;\n\n-- migrate:down\nALTER TABLE `users`[^;]*DROP COLUMN `note`;\n/,
    )
    expect(await stage.run(['validate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    expect((await stage.run(['drift', '--accept', 'again'])).stdout).toContain('nothing to do')
    expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift', '--replay'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['rollback', '-t', 'user_db', '--yes', '--allow', 'drop-column'])).toMatchObject({
      exitCode: 0,
    })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  })

  test('an ignored difference is no finding until its day has passed, and an object of someone else never is', async () => {
    const file = join(stage.folder, 'wwdb.config.json')
    const before = readFileSync(file, 'utf8')
    const configure = (drift: object): void => writeFileSync(file, JSON.stringify({ ...JSON.parse(before), drift }))
    await stage.query('CREATE TABLE etl_rows (id INT PRIMARY KEY)', 'app')
    configure({ ignore: { 'app/etl_*': { reason: 'the loader makes them', until: '2999-01-31' } } })
    const ignored = await stage.json(['drift'])
    expect(ignored).toMatchObject({
      exitCode: 0,
      answer: { differences: 0, ignored: [{ name: 'etl_rows', until: '2999-01-31' }] },
    })
    configure({ ignore: { 'app/etl_*': { reason: 'the loader makes them', until: '2020-01-31' } } })
    const ended = await stage.run(['drift'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('ended on 2020-01-31')
    configure({ unmanaged: { 'etl_*': 'the loader makes them' } })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    configure({ ignore: { etl: { reason: ' ', until: 'soon' } } })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 78 })
    writeFileSync(file, before)
    await stage.query('DROP TABLE etl_rows', 'app')
  })

  test('what a migration changes over a change by hand is unproven, until --replay answers it', async () => {
    await stage.query('ALTER TABLE orders ADD COLUMN by_hand INT', 'app')
    stage.write(
      'app/0002_total.sql',
      migration('ALTER TABLE orders ADD COLUMN total INT;', 'ALTER TABLE orders DROP COLUMN total;'),
    )
    expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['migrate', '--drift', 'warn'])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('changed since the last run of wwdb'),
    })
    const run = await stage.run(['drift'])
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('orders was changed by hand before a migration changed it')
    expect(await stage.json(['drift', '--revert', '--yes'])).toMatchObject({ exitCode: 2, answer: { code: 'DRIFT' } })
    expect(await stage.run(['drift', '--replay', '--revert', '--yes', '--allow', 'drop-column'])).toMatchObject({
      exitCode: 0,
    })
    expect(await stage.run(['drift', '--replay'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  })

  test('schema diff --save writes a difference as a migration', async () => {
    await stage.query('CREATE TABLE saved (id INT PRIMARY KEY)', 'app')
    const run = await stage.run([
      'schema',
      'diff',
      '-t',
      'app',
      '--from',
      'files',
      '--to',
      'live',
      '--save',
      'add_saved',
    ])
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0003_add_saved.sql') })
    expect(readFileSync(join(stage.folder, 'migrations/app/0003_add_saved.sql'), 'utf8')).toContain(
      '-- migrate:down\nDROP TABLE `saved`;',
    )
  })
})
