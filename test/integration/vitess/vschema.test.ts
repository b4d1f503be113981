import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const ids = migration(
  "CREATE TABLE ids (id INT NOT NULL PRIMARY KEY, next_id BIGINT NOT NULL, cache BIGINT NOT NULL) COMMENT 'vitess_sequence';\nINSERT INTO ids (id, next_id, cache) VALUES (0, 1, 10);\nALTER VSCHEMA ADD SEQUENCE ids;",
  'ALTER VSCHEMA DROP SEQUENCE ids;\nDROP TABLE ids;',
)
const letters = migration(
  'CREATE TABLE letters (id BIGINT NOT NULL PRIMARY KEY, sender BIGINT NOT NULL);\nALTER VSCHEMA ON letters ADD VINDEX by_sender (sender) USING xxhash;\nALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids;\nINSERT INTO letters (id, sender) VALUES (101, 7), (102, 8), (103, 9);',
  'DELETE FROM letters WHERE sender > 0;\nALTER VSCHEMA ON letters DROP AUTO_INCREMENT;\nALTER VSCHEMA ON letters DROP VINDEX by_sender;\nALTER VSCHEMA DROP VINDEX by_sender;\nDROP TABLE letters;',
)
const files = {
  'user_db/20260101000000_ids.sql': ids,
  'message_db/20260102000000_letters.sql': `-- wwdb:requires user_db/20260101000000\n${letters}`,
}
const open = (given: Readonly<Record<string, string>>): Promise<VitessStage> =>
  openVitessStage(openStage, vitess(), {
    files: given,
    configuration: { databases: { user_db: own(), message_db: own() } },
  })
const own = () => ({
  vitess: { journal: 'user_db', ddlStrategy: 'direct', scratchUrl: testServer().url.replace(/\/$/, '') },
})
const inVschema = (stage: VitessStage): Promise<readonly (readonly unknown[])[]> =>
  stage.ask('SHOW VSCHEMA VINDEXES ON letters', 'message_db').catch(() => [])

/** The record, which a killed run has not written. */
async function forgetRecord({ ask }: VitessStage, database: string): Promise<void> {
  await ask(`DROP TABLE IF EXISTS wwdb_schema_${database}`)
  await ask(`DELETE FROM wwdb_journal_${database} WHERE pass=0 AND version='record'`)
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a migration that changes the VSchema', () => {
  it('runs statement by statement, is in the history, and is taken back', { timeout: 120_000 }, async () => {
    const stage = await open(files)
    const plan = await stage.run(['plan'])
    expect(plan.stdout, plan.stderr).toContain('2  ALTER VSCHEMA ON letters ADD VINDEX by_sender (sender) USING xxhash')
    const run = await stage.run(['migrate', '--yes'])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('2 databases: 2 done')])
    await stage.ask('INSERT INTO letters (sender) VALUES (6)', 'message_db')
    expect(await stage.ask('SELECT id,sender FROM letters ORDER BY id', 'message_db')).toEqual([
      [1, 6],
      [101, 7],
      [102, 8],
      [103, 9],
    ])
    expect((await stage.onShards('SELECT COUNT(*) FROM letters', 'message_db')).flat(2)).not.toContain(4)
    expect(
      await stage.ask('SELECT summary,state FROM wwdb_journal_message_db WHERE pass=1 AND statement IN (1,2)'),
    ).toEqual([
      ['ALTER VSCHEMA ADD VINDEX letters, by_sender', 'closed'],
      ['ALTER VSCHEMA ADD AUTO_INCREMENT letters', 'closed'],
    ])
    expect((await stage.run(['migrate', '--yes'])).stdout).toContain('2 databases: 2 with nothing to do')

    const drift = await stage.run(['drift'])
    expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
    expect(drift.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Of the VSchema of `user_db`, `message_db`, vtgate does not show all',
    )
    // A scratch schema of MySQL has no VSchema. It has no sequence either: the rows of the files have their numbers.
    const replayed = await stage.run(['drift', '--replay'])
    expect([replayed.exitCode, replayed.stdout], replayed.stderr).toEqual([0, expect.stringContaining('No difference')])
    // What the files make of the VSchema is compared, too.
    const shown = () => stage.ask('VEXPLAIN PLAN INSERT INTO letters() VALUES ()', 'message_db').then(String)
    await stage.ask('ALTER VSCHEMA ON letters DROP AUTO_INCREMENT', 'message_db')
    await expect.poll(shown, { timeout: 20_000 }).not.toContain('ids')
    for (const command of [
      ['drift', '--replay'],
      ['schema', 'diff', '--exit-code'],
    ]) {
      const found = await stage.run(command)
      expect([found.exitCode, found.stdout], found.stderr).toEqual([
        1,
        expect.stringContaining('vschema letters: AUTO_INCREMENT (id from ids) is missing: vtgate numbers no new rows'),
      ])
    }
    await stage.ask('ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids', 'message_db')
    await expect.poll(shown, { timeout: 20_000 }).toContain('ids')

    const back = await stage.run(['rollback', '--steps', '2', '--yes'])
    expect([back.exitCode, back.stdout], back.stderr).toEqual([0, expect.stringContaining('2 databases: 2 done')])
    expect([await inVschema(stage), await stage.ask("SHOW TABLES LIKE 'letters'", 'message_db')]).toEqual([[], []])
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
  })

  it.each([
    // The statement, and what a killed run has left: whether it ran is seen in the VSchema.
    ['message_db', 1, 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT', 'ALTER VSCHEMA ON letters DROP VINDEX by_sender'],
    ['message_db', 2, null, 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT'],
    ['user_db', 2, null, 'ALTER VSCHEMA DROP SEQUENCE ids'],
  ] as const)(
    'is settled in %s by what the VSchema shows, statement %i',
    { timeout: 120_000 },
    async (database, statement, before, undo) => {
      const stage = await open(files)
      expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
      await stage.ask('DELETE FROM letters', 'message_db')
      const journal = `wwdb_journal_${database}`
      const reopen = async (): Promise<void> => {
        await forgetRecord(stage, database)
        await stage.ask(`DELETE FROM ${journal} WHERE pass=1 AND statement>${statement}`)
        await stage.ask(`UPDATE ${journal} SET state='open',closed_at=NULL WHERE pass=1 AND statement=${statement}`)
      }
      if (before !== null) await stage.ask(before, database)
      await reopen()
      const ran = await stage.run(['migrate', '--yes'])
      expect(ran.exitCode, ran.stderr).toBe(0)
      expect(ran.stderr).toContain('the objects it names have changed since it was opened')
      expect(await inVschema(stage)).toHaveLength(1)

      await stage.ask('DELETE FROM letters', 'message_db')
      if (before !== null) await stage.ask(before, database)
      await stage.ask(undo, database)
      if (statement === 1) await stage.ask('ALTER VSCHEMA DROP VINDEX by_sender', database)
      await reopen()
      const again = await stage.run(['migrate', '--yes'])
      expect(again.exitCode, again.stderr).toBe(0)
      expect(again.stderr).toContain('the objects it names are as they were before it')
      expect(await inVschema(stage)).toHaveLength(1)
      await stage.ask('INSERT INTO letters (sender) VALUES (5)', 'message_db')
      expect(await stage.ask('SELECT COUNT(*) FROM letters WHERE id IS NOT NULL', 'message_db')).toEqual(
        statement === 2 && database === 'user_db' ? [[1]] : [[4]],
      )
    },
  )

  it('adds a table of a keyspace that is not sharded, which is settled by the topology', {
    timeout: 60_000,
  }, async () => {
    const added = migration(
      'CREATE TABLE names (id INT NOT NULL PRIMARY KEY);\nALTER VSCHEMA ADD TABLE names;',
      'ALTER VSCHEMA DROP TABLE names;\nDROP TABLE names;',
    )
    const stage = await open({ 'user_db/20260101000000_names.sql': added })
    const only = ['migrate', '--yes', '-t', 'user_db']
    expect((await stage.run(only)).exitCode).toBe(0)
    const reopen = async (): Promise<void> => {
      await forgetRecord(stage, 'user_db')
      await stage.ask("UPDATE wwdb_journal_user_db SET state='open',closed_at=NULL WHERE pass=1 AND statement=1")
    }
    await reopen()
    const ran = await stage.run(only)
    expect([ran.exitCode, ran.stderr]).toEqual([0, expect.stringContaining('have changed since it was opened')])
    await stage.ask('ALTER VSCHEMA DROP TABLE names')
    await reopen()
    const again = await stage.run(only)
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('are as they were before it')])
    await expect(stage.ask('ALTER VSCHEMA ADD TABLE names')).rejects.toThrow(/already contains table names/)
  })

  it('stands in files of keyspaces alone, which a replay runs as well', { timeout: 120_000 }, async () => {
    const only = ['-t', 'message_db']
    const notes = 'CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY);\n'
    const stage = await open({
      'message_db/20260101000000_notes.sql': `-- wwdb:when platform=vitess\n${migration(`${notes}ALTER VSCHEMA ON notes ADD VINDEX by_id (id) USING xxhash;`)}`,
      'message_db/20260102000000_plain.sql': `-- wwdb:when platform=mysql\n${migration('CREATE TABLE plain (id INT NOT NULL PRIMARY KEY);')}`,
    })
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    const replayed = await stage.run(['drift', '--replay', ...only])
    expect([replayed.exitCode, replayed.stdout], replayed.stderr).toEqual([0, expect.stringContaining('No difference')])
  })

  it('fails with the words of Vitess, and runs when it is corrected', { timeout: 60_000 }, async () => {
    const file = 'message_db/20260102000000_letters.sql'
    const table = 'CREATE TABLE letters (id BIGINT NOT NULL PRIMARY KEY);\n'
    const stage = await open({ [file]: migration(`${table}ALTER VSCHEMA ON letters ADD VINDEX nothing (id);`) })
    const failed = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect([failed.exitCode, failed.stderr]).toEqual([
      2,
      expect.stringMatching(/vindex nothing does not exist in keyspace message_db/),
    ])
    stage.write(file, migration(`${table}ALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;`))
    const run = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect([run.exitCode, (await inVschema(stage)).length], run.stderr).toEqual([0, 1])
  })
})

describeVitess('what the VSchema has already', () => {
  it.each([
    [
      ['CREATE VINDEX by_code USING consistent_lookup_unique WITH owner=letters, `from`=code, table=user_db.codes'],
      ['CREATE VINDEX by_code USING consistent_lookup_unique WITH owner=letters, `from`=code, table=user_db.codes'],
    ],
    [[], ['DROP VINDEX by_code']],
    [['ON letters ADD VINDEX by_sender (sender) USING xxhash'], ['ON letters ADD VINDEX `by_sender` (`sender`)']],
    [
      ['ON letters ADD VINDEX by_sender (sender) USING xxhash', 'ON letters ADD VINDEX by_id (id) USING xxhash'],
      ['ON letters DROP VINDEX by_code'],
    ],
    [[], ['ON letters DROP VINDEX by_code']],
    [
      ['ON letters ADD VINDEX by_sender (sender) USING xxhash', 'ON letters ADD AUTO_INCREMENT id USING user_db.ids'],
      ['ON letters ADD AUTO_INCREMENT id USING user_db.ids'],
    ],
    [['ON letters ADD VINDEX by_sender (sender) USING xxhash'], ['ON letters DROP AUTO_INCREMENT']],
  ])('is no failure: %j, and then %j', { timeout: 60_000 }, async (before, texts) => {
    const table = migration('CREATE TABLE letters (id BIGINT NOT NULL PRIMARY KEY, sender BIGINT, code BIGINT);')
    const stage = await open({ 'user_db/20260101000000_ids.sql': ids, 'message_db/20260101000000_letters.sql': table })
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    for (const text of before) await stage.ask(`ALTER VSCHEMA ${text}`, 'message_db')
    const more = texts.map((text) => `ALTER VSCHEMA ${text};\n`).join('')
    stage.write('message_db/20260102000000_more.sql', migration(more))
    const run = await stage.run(['migrate', '--yes', '-t', 'message_db', '--allow', 'DROP_VSCHEMA'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect((run.stdout + run.stderr).replaceAll(/\s+/g, ' ')).toContain('This vtgate shows it so as well')
  })

  it.each([
    ['ADD SEQUENCE ids', 0, 'already contains sequence ids'],
    ['ADD TABLE plain', 0, 'already contains table plain'],
    ['DROP SEQUENCE idz', 0, 'does not contain sequence idz'],
    ['ADD TABLE ids', 2, 'already contains table ids'],
  ])('in a keyspace that is not sharded: %s ends with %i', { timeout: 60_000 }, async (text, exitCode, said) => {
    const plain = migration('CREATE TABLE plain (id INT NOT NULL PRIMARY KEY);')
    const stage = await open({ 'user_db/20260101000000_ids.sql': ids, 'user_db/20260101000001_plain.sql': plain })
    const only = ['migrate', '--yes', '-t', 'user_db', '--allow', 'DROP_VSCHEMA']
    expect((await stage.run(only)).exitCode).toBe(0)
    await stage.ask('ALTER VSCHEMA ADD TABLE plain')
    stage.write('user_db/20260102000000_more.sql', migration(`ALTER VSCHEMA ${text};`))
    const run = await stage.run(only)
    expect([run.exitCode, run.stdout + run.stderr], run.stderr).toEqual([exitCode, expect.stringContaining(said)])
  })
})

describeVitess('a table that gets numbers from a sequence', () => {
  it('is refused the loss of it by the plan, and gets none any more where it is lost', {
    timeout: 120_000,
  }, async () => {
    const stage = await open(files)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    const file = 'user_db/20260103000000_drop.sql'
    for (const text of ['ALTER VSCHEMA DROP SEQUENCE ids;', 'ALTER VSCHEMA DROP TABLE ids;', 'DROP TABLE ids;']) {
      stage.write(file, migration(text))
      const refused = await stage.run(['migrate', '--yes', '-t', 'user_db', '--allow', 'DROP_VSCHEMA,DROP_TABLE'])
      expect([refused.exitCode, refused.stderr.replaceAll(/\s+/g, ' ')], text).toEqual([
        2,
        expect.stringContaining('drops the sequence `user_db`.`ids`, which numbers rows of `message_db`.`letters`'),
      ])
    }
    await stage.ask('ALTER VSCHEMA DROP SEQUENCE ids')
    await stage.ask('INSERT INTO letters (sender) VALUES (1)', 'message_db')
    await stage.ask('DROP TABLE ids')
    await expect(stage.ask('INSERT INTO letters (sender) VALUES (1)', 'message_db')).rejects.toThrow(/not a sequence/)
  })
})

describeVitess('a plan', () => {
  it.each([
    [
      'user_db',
      'ALTER VSCHEMA ON t ADD VINDEX by_id (id) USING xxhash;',
      /The first vindex makes a keyspace sharded for vtgate/,
    ],
    [
      'user_db',
      'ALTER VSCHEMA CREATE VINDEX by_id USING xxhash;',
      /The first vindex makes a keyspace sharded for vtgate/,
    ],
    ['message_db', 'ALTER VSCHEMA ADD TABLE t;', /Vitess does not run ALTER VSCHEMA ADD TABLE in a sharded keyspace/],
    ['message_db', 'ALTER VSCHEMA ADD SEQUENCE t;', /sequences are kept in a keyspace that is not sharded/],
    [
      'message_db',
      'ALTER VSCHEMA ON user_db.t DROP AUTO_INCREMENT;',
      /names `user_db`.`t`, which is not in the keyspace `message_db`/,
    ],
    [
      'message_db',
      'CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t (id) VALUES (1);',
      /names `t`, which has no vindex/,
    ],
    ['message_db', 'ALTER VSCHEMA ON t DROP VINDEX by_id;', /DROP_VSCHEMA/],
    [
      'message_db',
      'CREATE TABLE t (id BIGINT PRIMARY KEY);\nALTER VSCHEMA ON tt ADD VINDEX by_id (id) USING xxhash;',
      /names the table `tt`, which does not exist/,
    ],
    [
      'message_db',
      'CREATE TABLE t (id BIGINT PRIMARY KEY);\nALTER VSCHEMA ON t ADD VINDEX by_id (id) USING xxhash;\nALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING user_db.idz;',
      /names the sequence `user_db`.`idz`, which does not exist/,
    ],
  ])('in %s says that it does not run %s', async (database, text, said) => {
    const stage = await open({ [`${database}/20260101000000_more.sql`]: migration(text) })
    const { exitCode, stdout, stderr } = await stage.run(['migrate', '--yes', '-t', database])
    expect([exitCode === 0, stdout + stderr]).toEqual([false, expect.stringMatching(said)])
  })
})

it('a plan for MySQL says that it has no VSchema, and leaves out what is for Vitess alone', async () => {
  const text = migration('ALTER VSCHEMA ADD TABLE users;')
  const file = 'user_db/20260102000000_vschema.sql'
  const table = migration('CREATE TABLE users (id INT NOT NULL PRIMARY KEY);')
  const stage = await openStage({
    databases: ['user_db'],
    files: { 'user_db/20260101000000_users.sql': table, [file]: text },
  })
  for (const command of ['plan', 'migrate --yes']) {
    const refused = await stage.run(command.split(' '))
    expect([refused.exitCode, refused.stdout + refused.stderr], command).toEqual([
      2,
      expect.stringMatching(/ALTER VSCHEMA ADD TABLE\) does not run on MySQL/),
    ])
  }
  stage.write(file, `-- wwdb:when platform=vitess\n${text}`)
  const run = await stage.run(['migrate', '--yes'])
  expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 done')])
  expect((await stage.run(['status'])).stdout).toContain('0 pending migrations')
})
