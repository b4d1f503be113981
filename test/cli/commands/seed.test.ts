import { scryptSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { platformFiles, shopFiles } from '../../helpers/seeds/seed-stage.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

describe('wwdb seed', () => {
  test('answers on stdout, talks on stderr, and shows rows column by column in a plan', async () => {
    const stage = await openStage({ files: shopFiles })
    await stage.run(['migrate'])
    const run = await stage.run(['seed'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^✓ app 5 inserted, 0 up to date \(.*\)\n1 database, .*\.\n$/)
    await stage.query(`UPDATE categories SET title = 'Wine' WHERE code = 'wine'`)
    stage.write(
      'seeds/app/categories.yaml',
      (shopFiles['seeds/app/categories.yaml'] ?? '').replace('rank_no: 7', 'rank_no: 8'),
    )
    const plan = await stage.run(['seed', 'plan'])
    expect(plan.stderr).toBe('')
    expect(
      plan.stdout.replace(/[\d.]+ m?s\./, '1 s.'),
    ).toBe(`· app 1 to update, 1 changed by hand and kept, 3 up to date
    keep categories wine seeds/app/categories.yaml:6
      title: "Wine" -> "Wein" (changed by hand, kept)
    update categories bread seeds/app/categories.yaml:8
      rank_no: "7" -> "8"
1 database, 1 s. Nothing was written.
Next: \`wwdb seed\` applies this.
`)
    expect((await stage.json(['seed', 'plan'])).answer).toMatchObject({
      kind: 'seed',
      dryRun: true,
      outcomes: [{ state: 'planned' }],
    })
    expect(await stage.run(['seed', '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' })
    const unknown = await stage.run(['seed', 'plane'])
    expect(unknown).toMatchObject({ exitCode: 64, stdout: '' })
    expect(unknown.stderr).toContain('`wwdb seed` has no command `plane`')
    expect((await stage.run(['seed', '--help'])).stdout).toContain('seed admin')
    for (const args of [
      ['seed', 'plan', '--only', 'articles'],
      ['seed', '--only', 'articles', 'plan'],
    ])
      expect((await stage.run(args)).stdout).not.toContain('categories')
    expect((await stage.run(['seed', 'matrix', '--prune'])).stderr).toContain(
      '`wwdb seed matrix` has no flag `--prune`',
    )
  })

  test('without seeds says so, and without the schema what to do', async () => {
    const stage = await openStage({ create: false })
    expect(await stage.run(['seed'])).toMatchObject({
      exitCode: 0,
      stdout: 'There are no seeds: no database has files in its folder.\n',
    })
    stage.write('seeds/app/a.yaml', 'table: a\nkey: id\nrows: []\n')
    const run = await stage.run(['seed'])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain('wwdb db create')
  })

  test('waits for another run, and ends with 75 where it may not', async () => {
    const stage = await openStage({ files: shopFiles })
    await stage.run(['migrate'])
    const [name] = (await stage.query(`SELECT CONCAT('wwdb:', LEFT(SHA2(DATABASE(), 256), 32))`))[0] ?? []
    await stage.query(`SELECT GET_LOCK('${String(name)}', 0)`)
    const busy = await stage.run(['seed', '--lock-timeout', '0'])
    expect(busy.exitCode).toBe(75)
    await stage.query(`SELECT RELEASE_LOCK('${String(name)}')`)
    expect(await stage.run(['seed', '--lock-timeout', '0'])).toMatchObject({ exitCode: 0 })
  })

  test('masks what is secret by its column’s name', async () => {
    const stage = await openStage({
      files: {
        'app/0001_a.sql': '-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY, api_token VARCHAR(20));\n',
        'seeds/app/a.yaml': 'table: a\nkey: id\nrows: [{ id: 1, api_token: hush-hush }]\n',
      },
    })
    await stage.run(['migrate'])
    for (const args of [
      ['seed', 'plan', '--verbose'],
      ['seed', 'plan', '--json'],
      ['seed', '--verbose'],
    ]) {
      const { stdout, stderr } = await stage.run(args)
      expect(stdout + stderr).not.toContain('hush')
    }
    expect(await stage.query('SELECT api_token FROM a')).toEqual([['hush-hush']])
    expect(JSON.stringify(await stage.query('SELECT * FROM wwdb_seed_rows'))).not.toContain('hush')
  })
})

describe('wwdb seed matrix', () => {
  test('prints who may do what, as a table and as Markdown, without a server', async () => {
    const stage = await openStage({ databases: ['user_db'], files: platformFiles(), create: false })
    const table = await stage.run(['seed', 'matrix'])
    expect(table).toMatchObject({ exitCode: 0, stderr: '' })
    expect(table.stdout).toMatch(/超级管理员 +管理员 +操作员 +审计员 +只读用户/)
    expect(table.stdout).toMatch(/查看用户 +user\.view +✓ +✓ +· +✓ +·/)
    const { stdout } = await stage.run(['seed', 'matrix', '--as', 'markdown'])
    expect(stdout).toContain('| permission |  | 超级管理员 (super_admin) | 管理员 (admin) |')
    expect(stdout).toContain('| user.view | 查看用户 | x | x |  | x |  |')
    expect((await stage.json(['seed', 'matrix'])).answer).toMatchObject({ kind: 'seed-matrix', layout: 'table' })
  })
})

describe('wwdb seed admin', () => {
  const password = 'Kranich-42-Übermut'
  const admin = (stage: Stage, input: string, ...more: readonly string[]) =>
    stage.run(['seed', 'admin', '--username', 'boss', '--password-stdin', ...more], { input })

  async function openPlatform(): Promise<Stage> {
    const stage = await openStage({ databases: ['user_db'], files: platformFiles() })
    for (const command of ['migrate', 'seed']) expect(await stage.run([command])).toMatchObject({ exitCode: 0 })
    return stage
  }

  test('makes the first administrator with a hash that fits, and no second', async () => {
    const stage = await openPlatform()
    const made = await admin(stage, `${password}\n`, '--value', 'email=boss@example.com', '--verbose')
    expect(made).toMatchObject({ exitCode: 0 })
    const rows = await stage.query(
      `SELECT u.email, u.nickname, u.is_super_admin, u.password_hash, u.salt, r.name FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id`,
    )
    expect(rows).toHaveLength(1)
    const [email, nickname, isSuper, hash, salt, role] = (rows[0] ?? []).map(String)
    expect([email, nickname, isSuper, role]).toEqual(['boss@example.com', '超级管理员', '1', 'super_admin'])
    const [, kind, parameters, saltText = '', key = ''] = (hash ?? '').split('$')
    expect([kind, parameters, saltText]).toEqual(['scrypt', 'ln=17,r=8,p=1', salt])
    expect([(salt ?? '').length, (hash ?? '').length]).toEqual([22, 131])
    const again = scryptSync(password.normalize('NFKC'), Buffer.from(saltText, 'base64'), 64, {
      N: 2 ** 17,
      r: 8,
      p: 1,
      maxmem: 2 ** 28,
    })
    expect(again.toString('base64').replace(/=+$/, '')).toBe(key)
    const refused = await stage.run(['seed', 'admin', '--username', 'other', '--password-stdin'], { input: password })
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('An administrator already exists.')
    expect((await admin(stage, password)).stderr).toContain('The user boss already exists.')
    for (const { stdout, stderr } of [made, refused]) expect(stdout + stderr).not.toMatch(/Kranich|\$scrypt/)
    // Nobody's file has him: no later run takes him away.
    expect(await stage.run(['seed', '--prune'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT COUNT(*) FROM users')).toEqual([[1]])
  })

  test('two at once make one', async () => {
    const stage = await openPlatform()
    const runs = await Promise.all(
      ['one', 'two'].map((username) =>
        stage.run(['seed', 'admin', '--username', username, '--password-stdin'], { input: password }),
      ),
    )
    expect(runs.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 2])
    expect(await stage.query('SELECT COUNT(*) FROM users')).toEqual([[1]])
    expect(await stage.query('SELECT COUNT(*) FROM user_roles')).toEqual([[1]])
  })

  test('refuses weak passwords, and to be called without one', async () => {
    const stage = await openStage({ databases: ['user_db'], files: platformFiles(), create: false })
    for (const weak of [
      'short',
      'aaaaaaaaaaaaaaaa',
      'Password1234!',
      'Boss-Kranich-42',
      'kranichkranich',
      'Qwertyuiop123!',
    ]) {
      const run = await admin(stage, weak)
      expect(run, weak).toMatchObject({ exitCode: 2, stdout: '' })
      expect(run.stderr).toContain('The password is too weak')
      expect(run.stderr).not.toContain(weak)
    }
    expect(await admin(stage, '')).toMatchObject({ exitCode: 64 })
    expect(await stage.run(['seed', 'admin', '--username', 'boss'])).toMatchObject({ exitCode: 64 })
    expect(await stage.run(['seed', 'admin', '--password-stdin'])).toMatchObject({ exitCode: 64 })
    stage.remove('seeds/user_db/administrator.yaml')
    expect(await admin(stage, password)).toMatchObject({ exitCode: 78 })
  })
})
