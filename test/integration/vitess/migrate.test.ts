import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const users = migration(
  "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL);\nINSERT INTO users (id, name) VALUES (1, 'ann'), (2, 'bob');\nALTER TABLE users ADD COLUMN mail VARCHAR(100) NULL;",
  'DROP TABLE users;',
)
const messages = migration(
  'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL);',
  'DROP TABLE messages;',
)
const files = { 'user_db/20260101000000_users.sql': users, 'message_db/20260101000000_messages.sql': messages }
const open = (given: Readonly<Record<string, string>>, ddlStrategy?: 'vitess' | 'direct'): Promise<VitessStage> =>
  openVitessStage(openStage, vitess(), { files: given, ...(ddlStrategy && { ddlStrategy }) })

/** The record, which a killed run has not written. */
async function forgetRecord({ ask }: Pick<VitessStage, 'ask'>): Promise<void> {
  await ask('DROP TABLE IF EXISTS wwdb_schema_message_db')
  await ask("DELETE FROM wwdb_journal_message_db WHERE pass=0 AND version='record'")
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess.each(['vitess', 'direct'] as const)('a keyspace with one shard and one with two, %s', (strategy) => {
  it('plans, migrates, says what was done, and takes it back', { timeout: 120_000 }, async () => {
    const stage = await open(files, strategy)
    const plan = await stage.run(['plan'])
    expect(plan.stdout, plan.stderr).toContain('2 migrations to apply: 4 statements in 2 databases.')

    const run = await stage.run(['migrate', '--yes'])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringMatching(/2 databases: 2 done/)])
    expect(await stage.ask('SELECT id,name,mail FROM users ORDER BY id')).toEqual([
      [1, 'ann', null],
      [2, 'bob', null],
    ])
    const columns = 'SELECT column_name FROM information_schema.columns WHERE table_schema=DATABASE() AND table_name='
    expect(await stage.onShards(`${columns}'messages' ORDER BY 1`, 'message_db')).toEqual([
      [['body'], ['id']],
      [['body'], ['id']],
    ])

    const status = await stage.run(['status', '--exit-code'])
    expect([status.exitCode, status.stdout]).toEqual([
      0,
      expect.stringContaining('0 pending migrations in 2 databases.'),
    ])
    const history = await stage.run(['history'])
    expect(history.stdout).toMatch(/user_db at \S+, 1 pass\n {2}✓ .* up {2}20260101000000 {2}users/)
    const again = await stage.run(['migrate', '--yes'])
    expect(again.stdout).toContain('2 databases: 2 with nothing to do')

    const back = await stage.run(['rollback', '--steps', '2', '--yes'])
    expect([back.exitCode, back.stdout], back.stderr).toEqual([0, expect.stringContaining('2 databases: 2 done')])
    expect(await stage.ask("SHOW TABLES LIKE 'users'")).toEqual([])
    const redone = await stage.run(['migrate', '--yes'])
    // The same statements once more, and not those that Vitess knows as complete.
    expect([redone.exitCode, await stage.ask('SELECT COUNT(*) FROM users')], redone.stderr).toEqual([0, [[2]]])
    expect((await stage.onShards("SHOW TABLES LIKE 'messages'", 'message_db')).map((rows) => rows.length)).toEqual([
      1, 1,
    ])
  })

  it('says which shard refused a definition and why, and goes on with it when it is corrected', {
    timeout: 120_000,
  }, async () => {
    const second = 'message_db/20260102000000_names.sql'
    const stage = await open(
      { ...files, [second]: migration('ALTER TABLE messages ADD UNIQUE KEY `same` (nothing);') },
      strategy,
    )
    const failed = await stage.run(['migrate', '--yes'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toMatch(/Statement 1 of 1 of `20260102000000_names` failed: ALTER TABLE messages\./)
    expect(failed.stderr).toMatch(/Why: .*nothing/)
    expect(failed.stderr).not.toMatch(/BindVars|CallerID|vttablet/)
    stage.write(second, migration('ALTER TABLE messages ADD COLUMN title VARCHAR(20) NULL;'))
    const run = await stage.run(['migrate', '--yes'])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 done')])
    const titles = await stage.onShards("SHOW COLUMNS FROM messages LIKE 'title'", 'message_db')
    expect(titles.map((rows) => rows.length)).toEqual([1, 1])
  })
})

describeVitess('a run that ended while shards committed its data', () => {
  it('asks a person whether the statement ran, and goes on with the answer', { timeout: 60_000 }, async () => {
    const rows = migration(
      'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO messages (id) VALUES (1);\nALTER TABLE messages ADD COLUMN body VARCHAR(20) NULL;',
    )
    const stage = await open({ 'message_db/20260101000000_rows.sql': rows }, 'direct')
    await stage.ask('ALTER VSCHEMA ON messages ADD VINDEX xxhash(id) USING xxhash', 'message_db')
    expect((await stage.run(['migrate', '--yes', '-t', 'message_db'])).exitCode).toBe(0)
    expect(await stage.ask('SELECT id FROM messages', 'message_db')).toEqual([[1]])
    // What a kill between the two commits leaves.
    await forgetRecord(stage)
    await stage.ask("UPDATE wwdb_journal_message_db SET state='entered',closed_at=NULL WHERE pass=1 AND statement=1")
    await stage.ask('DELETE FROM wwdb_journal_message_db WHERE pass=1 AND statement=2')
    await stage.ask('ALTER TABLE messages DROP COLUMN body', 'message_db')
    // Vitess would call the text complete that it has run.
    stage.write('message_db/20260101000000_rows.sql', rows.replaceAll('VARCHAR(20)', 'VARCHAR(30)'))
    const asked = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect(asked.stderr).toContain('It is not known whether statement 2 of `20260101000000_rows` ran: INSERT messages.')
    expect(asked.stderr).toContain('while its shards committed it, one after another')
    const settled = await stage.run(['repair', '--ran', 'message_db/20260101000000:2', '--yes', '-t', 'message_db'])
    expect([settled.exitCode, settled.stdout], settled.stderr).toEqual([0, expect.anything()])
    const run = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect(run.exitCode, run.stderr).toBe(0)
    // vtgate learns of the column from its tablets a moment later.
    await expect
      .poll(() => stage.ask('SELECT id,body FROM messages', 'message_db').catch(() => null), { timeout: 20_000 })
      .toEqual([[1, null]])
  })
})

describeVitess('a definition that one shard alone refuses', () => {
  it('leaves its row open, names the shard that has it, and is run on the other one alone after a person said so', {
    timeout: 120_000,
  }, async () => {
    const only = ['migrate', '--yes', '-t', 'message_db']
    const stage = await open(files, 'direct')
    expect((await stage.run(only)).exitCode).toBe(0)
    await stage.ask('INSERT INTO messages (id, body) VALUES (1, 1), (2, 1)', 'message_db:80-')
    stage.write('message_db/20260102000000_unique.sql', migration('ALTER TABLE messages ADD UNIQUE KEY bodies (body);'))
    const keys = async () =>
      (await stage.onShards("SHOW KEYS FROM messages WHERE Key_name='bodies'", 'message_db')).map((rows) => rows.length)
    const failed = await stage.run(only)
    expect([failed.exitCode, await keys()], failed.stderr).toEqual([2, [1, 0]])
    expect(failed.stderr).toMatch(/shard 80- says `failed`: .*; shard -80 has completed it/)
    expect(await stage.ask('SELECT state FROM wwdb_journal_message_db WHERE pass=2')).toEqual([['open']])

    const asked = await stage.run(only)
    expect(asked.stderr).toContain('Vitess has completed it on some shards alone')
    await stage.ask('DELETE FROM messages', 'message_db:80-')
    const said = await stage.run(['repair', '--not-run', 'message_db/20260102000000:1', '--yes', '-t', 'message_db'])
    expect(said.exitCode, said.stderr).toBe(0)
    const run = await stage.run(only)
    expect([run.exitCode, await keys()], run.stderr).toEqual([0, [1, 1]])
    const drift = await stage.run(['drift', '-t', 'message_db'])
    expect(drift.exitCode, drift.stdout).toBe(0)
  })

  it('is made on no shard where it is made online, as each copy waits for the others', {
    timeout: 120_000,
  }, async () => {
    const only = ['migrate', '--yes', '-t', 'message_db']
    const stage = await open(files)
    expect((await stage.run(only)).exitCode).toBe(0)
    await stage.ask('INSERT INTO messages (id, body) VALUES (1, 1), (2, 1)', 'message_db:80-')
    const file = 'message_db/20260102000000_unique.sql'
    stage.write(file, migration('ALTER TABLE messages ADD UNIQUE KEY bodies (body);'))
    const keys = async () =>
      (await stage.onShards("SHOW KEYS FROM messages WHERE Key_name='bodies'", 'message_db')).map((rows) => rows.length)
    const failed = await stage.run(only)
    expect([failed.exitCode, await keys()], failed.stderr).toEqual([2, [0, 0]])
    expect(failed.stderr).toMatch(/shard 80- says `failed`: .*Duplicate entry/)
    // The run has canceled the other shard: nobody killed anything.
    expect(failed.stderr).toMatch(/Statement 1 of 1 of `20260102000000_unique` failed: ALTER TABLE messages\./)
    expect(failed.stderr).toMatch(/Correct it/)
    expect(await stage.ask('SELECT state FROM wwdb_journal_message_db WHERE pass=2')).toEqual([['failed']])

    stage.write(file, migration('ALTER TABLE messages ADD KEY bodies (body);'))
    const run = await stage.run(only)
    expect([run.exitCode, await keys()], run.stderr).toEqual([0, [1, 1]])
  })
})

describeVitess('a definition of a killed run that Vitess was not given', () => {
  it('is settled by the tables of each shard, and asks a person where they differ', { timeout: 60_000 }, async () => {
    const add = migration('ALTER TABLE messages ADD COLUMN title VARCHAR(20) NULL;')
    const stage = await open({ ...files, 'message_db/20260102000000_title.sql': add }, 'direct')
    expect((await stage.run(['migrate', '--yes', '-t', 'message_db'])).exitCode).toBe(0)
    // Vitess does not know the text of that hash.
    const reopen = `UPDATE wwdb_journal_message_db SET state='open',closed_at=NULL,hash=REPEAT('0',64) WHERE pass=2`
    const titles = async (): Promise<readonly number[]> =>
      (await stage.onShards("SHOW COLUMNS FROM messages LIKE 'title'", 'message_db')).map((rows) => rows.length)
    await forgetRecord(stage)
    await stage.ask(reopen)
    const settled = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect([settled.exitCode, await titles()], settled.stderr).toEqual([0, [1, 1]])
    expect(settled.stderr).toContain('the objects it names have changed on every shard since it was opened')

    await forgetRecord(stage)
    await stage.ask(reopen)
    await stage.ask('ALTER TABLE messages DROP COLUMN title', 'message_db:-80')
    const asked = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect(asked.exitCode).not.toBe(0)
    expect(asked.stderr).toMatch(
      /`messages` is not the same on the shards -80 and 80-: it may have run on some of them/,
    )

    await stage.ask('ALTER TABLE messages DROP COLUMN title', 'message_db:80-')
    stage.write('message_db/20260102000000_title.sql', add.replaceAll('VARCHAR(20)', 'VARCHAR(30)'))
    const again = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect([again.exitCode, await titles()], again.stderr).toEqual([0, [1, 1]])
  })
})

describeVitess('a vtgate', () => {
  it('is refused by name where the configuration does not have it', async () => {
    const plain = { prefix: '', databases: { user_db: {} } }
    const stage = await openStage({ databases: ['user_db'], create: false, url: vitess().url, configuration: plain })
    for (const command of ['status', 'history', 'migrate --yes', 'plan', 'doctor', 'lock status']) {
      const { exitCode, stdout, stderr } = await stage.run([...command.split(' ')])
      expect(`${exitCode} ${stdout}${stderr}`, command).toMatch(/is Vitess \(\S+\), not MySQL\./)
    }
  })

  it('is refused with the name of the command where that knows MySQL alone', async () => {
    const stage = await open(files)
    for (const [command, said] of [
      ['held', 'or with `wwdb rollback --revert`, by which a dropped table comes back with its rows.'],
      [
        'shards adopt',
        '`wwdb rotate run`, `wwdb shards create`, `wwdb shards restore` and `wwdb shards protect` work there.',
      ],
      ['online list', '`wwdb rollback --revert` takes one back'],
      ['db create', '`vtctldclient CreateKeyspace`'],
      ['check references', 'a key that is in both answers has no parent'],
      ['lint --server', 'Leave `--server` out'],
    ] as const) {
      const { exitCode, stdout, stderr } = await stage.run([...command.split(' ')])
      expect(exitCode, command).not.toBe(0)
      expect(stdout + stderr).toContain(`\`wwdb ${command.replace(' --server', '')}\` does not work through a vtgate.`)
      expect((stdout + stderr).replaceAll(/\s+/g, ' '), command).toContain(said)
    }
  })

  it('is asked for a journal on one shard only', async () => {
    const spread = {
      databases: { user_db: { vitess: { journal: 'message_db' } }, message_db: { vitess: { journal: 'gone' } } },
    }
    const stage = await openVitessStage(openStage, vitess(), { files, configuration: spread })
    const { stderr } = await stage.run(['status'])
    expect(stderr).toContain('The keyspace `message_db`, which `databases.user_db.vitess.journal` names, has 2 shards.')
    expect(stderr).toContain('The keyspace `gone`, which `databases.message_db.vitess.journal` names, does not exist.')
  })

  it.each([
    ['CREATE PROCEDURE p() SELECT 1;', /vtgate does not run CREATE PROCEDURE/],
    ['CREATE TEMPORARY TABLE t (id INT);', /keeps a temporary table on one connection/],
    ['LOCK TABLES messages WRITE;', /LOCK TABLES/],
    [
      'ALTER TABLE messages ADD FOREIGN KEY (id) REFERENCES user_db.users (id);',
      /a foreign key cannot cross keyspaces/,
    ],
    [
      'INSERT INTO messages (id, body) SELECT id, name FROM user_db.users;',
      /names `user_db`.`users`, which is not in the keyspace `message_db`: a migration changes and reads its own keyspace alone/,
    ],
    ['UPDATE messages m JOIN {{schema:user_db}}.users u ON u.id = m.id SET u.name = m.body;', /`user_db`.`users`/],
    ['DELETE u FROM user_db.users u JOIN {{schema:message_db}}.messages m ON m.id = u.id;', /`user_db`.`users`/],
    [
      'ALTER TABLE messages ADD FOREIGN KEY (id) REFERENCES messages (id);',
      /Vitess takes no foreign key in a definition/,
    ],
    ['TRUNCATE TABLE messages;', /Vitess does not run TRUNCATE TABLE as a migration/],
    ['RENAME TABLE messages TO letters;', /Vitess does not run RENAME TABLE as a migration/],
    ['SET @a = 1;', /many connections behind one session/],
    ['-- wwdb:batch\nDELETE FROM messages WHERE id > 5;', /`-- wwdb:batch` does not work through vtgate/],
  ])('does not run %s, which is said before anything runs', async (text, said) => {
    const stage = await open({ ...files, 'message_db/20260102000000_more.sql': migration(text) })
    const run = await stage.run(['migrate', '--yes'])
    expect(run.exitCode).not.toBe(0)
    expect(run.stdout + run.stderr).toMatch(said)
    expect(await stage.ask("SHOW TABLES LIKE 'm%'", 'message_db')).toEqual([])
  })
})
