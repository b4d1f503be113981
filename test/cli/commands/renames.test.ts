import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runClient, serverArguments } from '../../helpers/mysql/mysql-client.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const rowsOf = (stage: Stage, sql: string) => stage.query(sql).then((rows) => rows.map((row) => row.map(String)))

async function execute(stage: Stage, sql: string): Promise<void> {
  const run = await runClient('mysql', [...serverArguments(stage.url), stage.schema('app')], sql)
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
}

describe('schema diff and names that changed', () => {
  const open = async () => {
    const stage = await openStage()
    await stage.query(
      'CREATE TABLE a (id INT PRIMARY KEY, x INT, KEY (x), CONSTRAINT loop_x FOREIGN KEY (x) REFERENCES a (id))',
    )
    await stage.query('CREATE TABLE child (id INT PRIMARY KEY, a_x INT, FOREIGN KEY (a_x) REFERENCES a (id))')
    await stage.query('INSERT INTO a VALUES (7, 7)')
    await stage.query('INSERT INTO child VALUES (1, 7)')
    stage.write(
      'f.sql',
      'CREATE TABLE b (id INT PRIMARY KEY, y INT, KEY x (y), CONSTRAINT loop_x FOREIGN KEY (y) REFERENCES b (id));\nCREATE TABLE child (id INT PRIMARY KEY, a_x INT, FOREIGN KEY (a_x) REFERENCES b (id));\n',
    )
    return stage
  }
  const diff = ['schema', 'diff', '--to', 'file:f.sql']

  test.each([
    ['--rename', 'a=b', '--rename', 'a.x=y'],
    ['--rename', 'a.x=y', '--rename', 'a=b'],
    ['--rename', 'a=b', '--rename', 'b.x=y'],
    ['--rename', 'b.x=y', '--rename', 'a=b'],
  ])('%s %s %s %s keeps the rows, and the way back too', async (...flags) => {
    const stage = await open()
    const { stdout, exitCode, stderr } = await stage.run([...diff, ...flags, '--sql'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).not.toMatch(/DROP|ADD/)
    await execute(stage, stdout)
    expect((await stage.json(diff)).answer).toMatchObject({ differences: 0 })
    expect(await rowsOf(stage, 'SELECT id, y FROM b')).toEqual([['7', '7']])
    stage.write('app/0001_a.sql', readFileSync(join(stage.folder, 'f.sql')))
    const back = await stage.run(['schema', 'diff', '--from', 'file:f.sql', '--to', 'live'])
    expect(back.exitCode).toBe(0)
  })

  test('a rename of what does not exist is refused with 64, and nothing is printed', async () => {
    const stage = await open()
    for (const flags of [
      ['nothere.x=y'],
      ['a.nothere=y'],
      ['a=nothere'],
      ['a=b', 'b.x=nothere'],
      ['a=child'],
      ['a=b=c'],
    ]) {
      const run = await stage.run([...diff, ...flags.flatMap((one) => ['--rename', one]), '--sql'])
      expect(run, flags.join()).toMatchObject({ exitCode: 64, stdout: '' })
      expect(run.stderr).toContain(`--rename ${flags.at(-1)}`)
      expect(await stage.run([...diff, ...flags.flatMap((one) => ['--rename', one])])).toMatchObject({ exitCode: 64 })
    }
    expect(await stage.run([...diff, '--not-renamed', 'a=child', '--sql'])).toMatchObject({ exitCode: 64 })
  })

  test('what looks renamed stops statements and files, with the flags of both answers; a report lists it without statements', async () => {
    const stage = await open()
    for (const flags of [['--sql'], ['--save', 'later'], ['--sql', '--yes']]) {
      const run = await stage.run([...diff, ...flags])
      expect(run).toMatchObject({ exitCode: 2, stdout: '' })
      expect(run.stderr).toContain('`--rename a=b`')
      expect(run.stderr).toContain('`--not-renamed a=b`')
      // The table's answer is not that of its column.
      const half = await stage.run([...diff, '--rename', 'a=b', ...flags])
      expect(half).toMatchObject({ exitCode: 2, stdout: '' })
      expect(half.stderr).toContain('`--rename b.x=y`')
    }
    expect(readdirSync(join(stage.folder, 'migrations/app'))).toEqual([])
    const shown = await stage.run(diff)
    expect(shown).toMatchObject({ exitCode: 0 })
    expect(shown.stdout).toContain('a=b looks like a rename')
    expect(shown.stdout).not.toContain('DROP TABLE')
    expect((await stage.json(diff)).answer).toMatchObject({
      databases: [{ renames: ['a=b'], forward: [], backward: [] }],
    })
    const apart = await stage.run([...diff, '--not-renamed', 'a=b', '--sql'])
    expect(apart).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('DROP TABLE `a`') })
  })
})

const files = {
  'app/0001_users.sql': migration(
    'CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(50), age INT);\nCREATE TABLE posts (id INT PRIMARY KEY, user_id INT, FOREIGN KEY (user_id) REFERENCES users (id));',
    'DROP TABLE posts; DROP TABLE users;',
  ),
}

describe('drift of names', () => {
  const open = async () => {
    const stage = await openStage({ files })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    await stage.query("INSERT INTO users VALUES (1, 'a@b', 7)")
    await stage.query('INSERT INTO posts VALUES (1, 1)')
    await stage.query('ALTER TABLE users RENAME COLUMN email TO mail')
    await stage.query('RENAME TABLE posts TO articles')
    return stage
  }
  const flags = ['--rename', 'users.email=mail', '--rename', 'posts=articles']

  test('is reported without statements, and no answer is carried out without knowing', async () => {
    const stage = await open()
    const shown = await stage.run(['drift'])
    expect(shown).toMatchObject({ exitCode: 1 })
    expect(shown.stdout).toContain('users.email=mail looks like a rename')
    expect(shown.stdout).toContain('posts=articles looks like a rename')
    for (const args of [
      ['--accept', 'kept', '--yes'],
      ['--revert', '--yes'],
      ['--sql'],
      ['--accept', 'kept', '--dry-run'],
    ]) {
      const run = await stage.run(['drift', ...args])
      expect(run, args.join(' ')).toMatchObject({ exitCode: 2 })
      expect(run.stderr).toContain('`--rename users.email=mail`')
      expect(run.stderr).toContain('`--not-renamed posts=articles`')
    }
    expect(await stage.run(['drift', '--rename', 'users.mail=email'])).toMatchObject({ exitCode: 64 })
    expect(await stage.run(['drift', '--accept', 'kept', '--rename', 'nothere=users'])).toMatchObject({ exitCode: 64 })
    expect(await rowsOf(stage, 'SELECT mail FROM users')).toEqual([['a@b']])
    const told = await stage.run(['drift', ...flags])
    expect(told).toMatchObject({ exitCode: 1 })
    expect(told.stdout).toContain('RENAME COLUMN `mail` TO `email`')
    expect(told.stdout).toContain('RENAME TABLE `articles` TO `posts`')
  })

  test('--accept with --rename keeps the rows of every other environment, up and down', async () => {
    const stage = await open()
    const accepted = await stage.run(['drift', '--accept', 'kept', ...flags, '--yes'])
    expect(accepted, accepted.stderr).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    const other = { WWDB_PREFIX: `${stage.prefix}o_` }
    await stage.run(['db', 'create'], { environment: other })
    await stage.run(['migrate', '--steps', '1'], { environment: other })
    const schema = `\`${stage.prefix}o_app\``
    await stage.query(`INSERT INTO ${schema}.users VALUES (2, 'c@d', 8)`)
    await stage.query(`INSERT INTO ${schema}.posts VALUES (2, 2)`)
    const migrated = await stage.run(['migrate', '--yes'], { environment: other })
    expect(migrated, migrated.stderr).toMatchObject({ exitCode: 0 })
    expect(await rowsOf(stage, `SELECT mail FROM ${schema}.users`)).toEqual([['c@d']])
    expect(await rowsOf(stage, `SELECT user_id FROM ${schema}.articles`)).toEqual([['2']])
    const back = await stage.run(['rollback', '--steps', '1', '--yes'], { environment: other })
    expect(back, back.stderr).toMatchObject({ exitCode: 0 })
    expect(await rowsOf(stage, `SELECT email FROM ${schema}.users`)).toEqual([['c@d']])
    expect(await rowsOf(stage, `SELECT user_id FROM ${schema}.posts`)).toEqual([['2']])
    await stage.query(`DROP DATABASE ${schema}`)
  })

  test('--revert with --rename keeps the rows here', async () => {
    const stage = await open()
    const reverted = await stage.run(['drift', '--revert', ...flags, '--yes'])
    expect(reverted, reverted.stderr).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    expect(await rowsOf(stage, 'SELECT email FROM users')).toEqual([['a@b']])
    expect(await rowsOf(stage, 'SELECT user_id FROM posts')).toEqual([['1']])
  })
})
