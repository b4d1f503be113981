import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { beforeEach, expect, it } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess(['user_db/0', 'message_db/-80', 'message_db/80-', 'monitor_db/0'])

const tables = [
  "CREATE TABLE roles (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL, title VARCHAR(40) NOT NULL DEFAULT '', level DECIMAL(5,2) NULL, options JSON NULL, doubled DECIMAL(7,2) AS (level * 2), UNIQUE KEY uk_code (code))",
  'CREATE TABLE grants (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, role_id BIGINT NOT NULL, action VARCHAR(20) NOT NULL, UNIQUE KEY uk_grant (role_id, action), CONSTRAINT fk_role FOREIGN KEY (role_id) REFERENCES roles (id))',
]
const roles = (rows: string): string => `table: roles\nkey: code\nrows:\n${rows}`
const admin = '  - { code: admin, title: 管理员, level: 1.5, options: { b: [1, true], a: null } }\n'
const reader = '  - { code: reader, title: Reader, level: 2 }\n'
const grants = (rows: string): string =>
  `table: grants\nkey: [role, action]\nreferences:\n  role: { table: roles, key: code }\nrows:\n${rows}`
const files = (database: string): Readonly<Record<string, string>> => ({
  [`seeds/${database}/roles.yaml`]: roles(admin + reader),
  [`seeds/${database}/grants.yaml`]: grants('  - { role: reader, action: read }\n  - { role: admin, action: write }\n'),
})

async function open(given: Readonly<Record<string, string>>, keyspace: string): Promise<VitessStage> {
  const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct' } }
  const databases = { user_db: own, message_db: own, monitor_db: own }
  const stage = await openVitessStage(openStage, vitess(), { files: given, configuration: { databases } })
  for (const text of tables) await stage.ask(text, keyspace)
  // What a user's statements need: vtgate knows the tables of the tablet.
  await expect
    .poll(() => stage.ask('SELECT id FROM grants', keyspace).catch(() => null), { timeout: 20_000 })
    .toEqual([])
  return stage
}

const present = async ({ ask }: VitessStage, keyspace: string) => ({
  roles: await ask('SELECT code,title,level,CAST(options AS CHAR),doubled FROM roles ORDER BY id', keyspace),
  grants: await ask('SELECT r.code,g.action FROM grants g JOIN roles r ON r.id=g.role_id ORDER BY g.id', keyspace),
})

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess.each(['user_db', 'monitor_db'])('seeds of the keyspace %s, whose journal is in user_db', (keyspace) => {
  const only = ['-t', keyspace]

  it('are inserted, updated and removed with their references, and nothing is done the second time', {
    timeout: 180_000,
  }, async () => {
    const stage = await open(files(keyspace), keyspace)
    const plan = await stage.run(['seed', 'plan', '--exit-code', ...only])
    expect([plan.exitCode, plan.stdout], plan.stderr).toEqual([1, expect.stringContaining('4 to insert')])
    expect(await present(stage, keyspace)).toEqual({ roles: [], grants: [] })

    const first = await stage.run(['seed', ...only])
    expect([first.exitCode, first.stdout], first.stderr).toEqual([
      0,
      expect.stringContaining('4 inserted, 0 up to date'),
    ])
    const [rows] = [await present(stage, keyspace)]
    expect(rows.roles).toEqual([
      ['admin', '管理员', '1.50', '{"a": null, "b": [1, true]}', '3.00'],
      ['reader', 'Reader', '2.00', null, '4.00'],
    ])
    expect(rows.grants.toSorted()).toEqual([
      ['admin', 'write'],
      ['reader', 'read'],
    ])
    const passes = () => stage.ask(`SELECT version,state FROM wwdb_journal_${keyspace} WHERE pass>0 ORDER BY pass`)
    expect(await passes()).toEqual([['S__rows', 'closed']])
    const runs = await stage.ask(`SELECT command,outcome FROM wwdb_runs_${keyspace} ORDER BY started_at`)
    expect(runs).toEqual([['seed', 'done']])

    const second = await stage.run(['seed', ...only])
    expect([second.exitCode, second.stdout], second.stderr).toEqual([
      0,
      expect.stringContaining('nothing to do: 4 up to date'),
    ])
    expect(await passes()).toHaveLength(1)

    stage.write(`seeds/${keyspace}/roles.yaml`, roles(admin.replace('管理员', '主管')))
    stage.write(`seeds/${keyspace}/grants.yaml`, grants('  - { role: admin, action: write }\n'))
    // The role goes after its grant, which refers to it.
    const third = await stage.run(['seed', '--prune', '--yes', ...only])
    expect([third.exitCode, third.stdout], third.stderr).toEqual([0, expect.stringMatching(/1 updated, 2 deleted/)])
    expect(await present(stage, keyspace)).toEqual({
      roles: [['admin', '主管', '1.50', '{"a": null, "b": [1, true]}', '3.00']],
      grants: [['admin', 'write']],
    })
    expect((await stage.run(['seed', 'plan', '--exit-code', ...only])).exitCode).toBe(0)
  })

  it('leave nothing where the lease was taken from the run', { timeout: 120_000 }, async () => {
    const stage = await open(files(keyspace), keyspace)
    await stage.ask("INSERT INTO roles (code, title) VALUES ('admin', 'by hand')", keyspace)
    const shard = await createConnection({
      uri: `${vitess().shards.get(`${keyspace}/0`)?.url}/vt_${keyspace}_0`,
      rowsAsArray: true,
    })
    try {
      await shard.query('BEGIN')
      await shard.query("SELECT id FROM roles WHERE code='admin' FOR UPDATE")
      const running = stage.run(['seed', ...only])
      const waiting = 'SELECT COUNT(*)>0 FROM performance_schema.data_lock_waits'
      await expect.poll(() => shard.query(waiting).then(([found]) => found), { timeout: 30_000 }).toEqual([[1]])
      await stage.ask(`UPDATE wwdb_lease SET token=token+1,owner='',expires=UTC_TIMESTAMP(6) WHERE name='${keyspace}'`)
      await shard.query('ROLLBACK')
      const run = await running
      expect([run.exitCode, flat(run.stderr)]).toEqual([
        2,
        expect.stringContaining(`The lease of \`${keyspace}\` was lost`),
      ])
    } finally {
      await shard.end()
    }
    expect(await present(stage, keyspace)).toMatchObject({
      roles: [['admin', 'by hand', null, null, null]],
      grants: [],
    })
    expect(await stage.ask('SELECT COUNT(*) FROM wwdb_seed_rows', keyspace)).toEqual([[0]])
    const again = await stage.run(['seed', ...only])
    expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.stringContaining('3 inserted')])
    expect((await present(stage, keyspace)).grants).toHaveLength(2)
  })
})

describeVitess('seeds of a keyspace', () => {
  it('are looked at again where a run ended while it committed them on another shard than the journal', {
    timeout: 120_000,
  }, async () => {
    const stage = await open(files('monitor_db'), 'monitor_db')
    const only = ['-t', 'monitor_db']
    expect((await stage.run(['seed', ...only])).exitCode).toBe(0)
    // What a kill between the two commits leaves.
    await stage.ask("UPDATE wwdb_journal_monitor_db SET state='entered',closed_at=NULL WHERE version='S__rows'")
    const again = await stage.run(['seed', ...only])
    expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.stringContaining('4 up to date')])
    expect(await stage.ask("SELECT COUNT(*) FROM wwdb_journal_monitor_db WHERE state<>'closed'")).toEqual([[0]])
  })

  it('are programs that run once, also where a run ended between their data and the journal', {
    timeout: 120_000,
  }, async () => {
    const program = (by: number) =>
      `INSERT INTO roles (code, title) VALUES ('guest', 'Guest${by}') ON DUPLICATE KEY UPDATE title = VALUES(title);\nUPDATE roles SET level = COALESCE(level, 0) + ${by};\n`
    const stage = await open({ 'seeds/monitor_db/010_guest.sql': program(1) }, 'monitor_db')
    const only = ['-t', 'monitor_db']
    const first = await stage.run(['seed', ...only])
    expect([first.exitCode, first.stdout], first.stderr).toEqual([0, expect.stringContaining('1 script run')])
    const levels = () => stage.ask('SELECT title,level FROM roles', 'monitor_db')
    expect(await levels()).toEqual([['Guest1', '1.00']])
    // What a kill between the two commits leaves.
    const cutOff = () =>
      stage.ask("UPDATE wwdb_journal_monitor_db SET state='entered',closed_at=NULL WHERE version='S__010_guest.sql'")
    await cutOff()
    const again = await stage.run(['seed', ...only])
    expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.stringContaining('nothing to do')])
    expect(await levels()).toEqual([['Guest1', '1.00']])
    expect((await stage.run(['seed', 'plan', '--exit-code', ...only])).exitCode).toBe(0)
    // What is recorded is the program, and no row that is to be removed.
    expect((await stage.run(['seed', '--prune', '--yes', ...only])).stdout).toContain('nothing to do')

    stage.write('seeds/monitor_db/010_guest.sql', program(2))
    const second = await stage.run(['seed', ...only])
    expect([second.exitCode, second.stdout], second.stderr).toEqual([0, expect.stringContaining('1 script run')])
    expect(await levels()).toEqual([['Guest2', '3.00']])
    await cutOff()
    expect((await stage.run(['seed', ...only])).exitCode).toBe(0)
    expect(await levels()).toEqual([['Guest2', '3.00']])
    // Where it was rolled back, it runs.
    stage.write('seeds/monitor_db/010_guest.sql', `${program(1)}INSERT INTO roles (code) VALUES ('guest');\n`)
    expect((await stage.run(['seed', ...only])).exitCode).toBe(2)
    expect(await levels()).toEqual([['Guest2', '3.00']])
    stage.write('seeds/monitor_db/010_guest.sql', program(1))
    expect((await stage.run(['seed', ...only])).exitCode).toBe(0)
    expect(await levels()).toEqual([['Guest1', '4.00']])
  })

  it('are staged again where the tablet ended the connection that had them', { timeout: 120_000 }, async () => {
    const stage = await open(files('monitor_db'), 'monitor_db')
    const only = ['-t', 'monitor_db']
    expect((await stage.run(['seed', ...only])).exitCode).toBe(0)
    stage.write('seeds/monitor_db/roles.yaml', roles(admin.replace('管理员', '主管') + reader))
    const lease = (end: string) =>
      stage.ask(
        `UPDATE wwdb_lease SET token=token+1,owner='other',person='ann',runner='elsewhere:1',taken_at=UTC_TIMESTAMP(6),expires=${end} WHERE name='monitor_db'`,
      )
    await lease('UTC_TIMESTAMP(6) + INTERVAL 1 HOUR')
    const running = stage.start(['seed', '--lock-timeout', '60s', ...only])
    await running.says('stderr', 'ann')
    const shard = vitess().shards.get('monitor_db/0')
    const server = await createConnection({ uri: `${shard?.url}/vt_monitor_db_0`, rowsAsArray: true })
    try {
      const [found] = await server.query<RowDataPacket[][]>(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE DB='vt_monitor_db_0' AND ID<>CONNECTION_ID()",
      )
      expect(found.length).toBeGreaterThan(0)
      // One may have ended by itself.
      for (const [id] of found) await server.query(`KILL ${Number(id)}`).catch(() => undefined)
    } finally {
      await server.end()
    }
    await lease('UTC_TIMESTAMP(6)')
    const run = await running.ended
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 updated')])
    expect((await present(stage, 'monitor_db')).roles[0]?.[1]).toBe('主管')
  })

  it('say which value does not fit, in the words of the server and without its statement', {
    timeout: 60_000,
  }, async () => {
    const stage = await open({ 'seeds/user_db/roles.yaml': roles('  - { code: admin, level: many }\n') }, 'user_db')
    const run = await stage.run(['seed', '-t', 'user_db'])
    expect([run.exitCode, flat(run.stderr)]).toEqual([
      2,
      expect.stringContaining('A value does not fit the column `level` of `roles`'),
    ])
    expect(run.stderr).not.toMatch(/BindVars|CallerID|vttablet|wwdb_seed_/)
  })

  it('are a script, too, and none in code or with session variables', { timeout: 120_000 }, async () => {
    const script = "INSERT IGNORE INTO roles (code, title) VALUES ('guest', 'Guest');\n"
    const stage = await open({ 'seeds/user_db/010_guest.sql': script }, 'user_db')
    const only = ['-t', 'user_db']
    const run = await stage.run(['seed', ...only])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 script run')])
    expect((await present(stage, 'user_db')).roles).toMatchObject([['guest', 'Guest', null, null, null]])
    stage.write('seeds/user_db/020_code.mjs', 'export async function run() {}\n')
    stage.write('seeds/user_db/030_set.sql', 'SET @a = 1;\n')
    const refused = await stage.run(['seed', ...only])
    expect(refused.exitCode).toBe(2)
    expect(flat(refused.stderr)).toContain('020_code.mjs` is code.')
    expect(flat(refused.stderr)).toContain('030_set.sql` (SET) does not run through vtgate.')
  })

  it('create the first administrator, once', { timeout: 120_000 }, async () => {
    const seed =
      'administrator:\n  table: users\n  username: name\n  passwordHash: hash\n  salt: salt\n  unless: { is_admin: true }\n  values: { is_admin: true }\n'
    const stage = await open({ 'seeds/user_db/admin.yaml': seed }, 'user_db')
    await stage.ask(
      'CREATE TABLE users (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, hash VARCHAR(255) NOT NULL, salt VARCHAR(64) NOT NULL, is_admin TINYINT NOT NULL)',
    )
    const create = (name: string) =>
      stage.run(['seed', 'admin', '--username', name, '--password-stdin', '-t', 'user_db'], {
        input: 'Quartz-Lantern-47-Meadow\n',
      })
    const first = await create('ann')
    expect([first.exitCode, first.stdout], first.stderr).toEqual([0, expect.stringContaining('1 inserted')])
    expect(await stage.ask("SELECT name,is_admin,hash LIKE '$scrypt$%' FROM users")).toEqual([['ann', 1, 1]])
    const second = await create('bob')
    expect([second.exitCode, flat(second.stderr)]).toEqual([
      2,
      expect.stringContaining('An administrator already exists.'),
    ])
  })
})
