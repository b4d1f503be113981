import { describe, expect, test } from 'vitest'
import type { LintResult } from '../../../src/lint/commands/lint-view.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, type StageOptions, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const flat = (text: string): string => text.replace(/\s+/g, ' ')

/** A table, and a view of a column that it does not have. */
const wrong = {
  'app/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);'),
  'app/0002_v.sql': migration('CREATE VIEW v AS SELECT id, nothing FROM t;'),
}

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, the trial', (version) => {
  const open = async (options: StageOptions): Promise<Stage> =>
    stage({ url: (await testServerOf(version)).url, ...options })

  describe('of a first build', () => {
    test('replays files from nothing, and stops the plan', async () => {
      const { run, tables, write } = await open({ files: wrong })
      const plan = await run(['plan'])
      expect(plan.exitCode, plan.stderr).toBe(2)
      expect(flat(plan.stdout)).toMatch(/Tried in a scratch schema, the server refuses .*0002_v\.sql:2/)
      expect(await tables()).toEqual([])
      write('app/0002_v.sql', migration('CREATE VIEW v AS SELECT id FROM t;'))
      expect(await run(['plan'])).toMatchObject({ exitCode: 0 })
    })

    test.each([
      { name: 'begins where nothing is protected', configuration: {}, args: [], left: ['t'] },
      { name: 'does not begin where it is required', configuration: { trial: 'required' }, args: [], left: [] },
      {
        name: 'does not begin where the databases are protected',
        configuration: { environments: { live: { protected: true } } },
        args: ['--env', 'live', '--allow-protected'],
        left: [],
      },
    ])('a run $name', async ({ configuration, args, left }) => {
      const { run, tables } = await open({ files: wrong, configuration })
      const ended = await run(['migrate', '--yes', ...args])
      expect(ended.exitCode, ended.stderr).toBe(2)
      expect(ended.stderr.includes('STATEMENT_WOULD_FAIL')).toBe(left.length === 0)
      expect(await tables()).toEqual(left)
    })

    test('has the character set of the schema, on which the length of a key depends', async () => {
      const { run, query, schema } = await open({
        files: { 'app/0001_t.sql': migration('CREATE TABLE t (name VARCHAR(1000) PRIMARY KEY);') },
      })
      expect((await run(['plan'])).exitCode).toBe(2)
      await query(`ALTER DATABASE ${schema('app')} CHARACTER SET latin1`)
      expect((await run(['plan'])).exitCode).toBe(0)
    })
  })

  describe('of a run that continues', () => {
    /** A file of three statements, of which the second failed. */
    const interrupted = async (rest: string) => {
      const opened = await open({
        files: {
          'app/0001_t.sql': migration(
            `SET SESSION sql_mode = 'ANSI_QUOTES';\nCREATE TABLE "t" (id INT PRIMARY KEY, n INT);\nINSERT INTO t (id) SELECT 'x' FROM (SELECT 1 UNION SELECT 2) AS two;`,
          ),
        },
      })
      const first = await opened.run(['migrate'])
      expect(first.exitCode, first.stderr).toBe(2)
      opened.write(
        'app/0001_t.sql',
        migration(`SET SESSION sql_mode = 'ANSI_QUOTES';\nCREATE TABLE "t" (id INT PRIMARY KEY, n INT);\n${rest}`),
      )
      return opened
    }

    test('begins with the live tables, under the settings of the part that ran', async () => {
      const { run, tables } = await interrupted('CREATE VIEW "v" AS SELECT "n" FROM t;')
      const plan = await run(['plan'])
      expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
      expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
      expect(await tables()).toEqual(['t', 'v'])
    })

    test('stops before the first statement that is left', async () => {
      const { run, tables } = await interrupted(
        'CREATE TABLE u (id INT PRIMARY KEY);\nCREATE VIEW v AS SELECT nothing FROM t;',
      )
      const refused = await run(['migrate'])
      expect(refused.exitCode).toBe(2)
      expect(refused.stderr).toContain('STATEMENT_WOULD_FAIL')
      expect(refused.stderr).toContain('0001_t.sql:5')
      expect(await tables()).toEqual(['t'])
    })

    test('leaves out what an earlier run may have executed, and what needs it', async () => {
      const { run, query, tables } = await open({
        files: {
          'app/0001_t.sql': migration(
            'CREATE TABLE t (id INT PRIMARY KEY);\nCREATE TABLE u (id INT PRIMARY KEY);\nCREATE VIEW v AS SELECT id FROM u;\nCREATE TABLE w (id INT PRIMARY KEY);',
          ),
        },
      })
      expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
      await query("UPDATE wwdb_journal SET state = 'open', closed_at = NULL WHERE statement = 1")
      await query('DELETE FROM wwdb_journal WHERE statement > 1')
      await query('DELETE FROM wwdb_schema')
      await query('DROP VIEW v')
      await query('DROP TABLE w')
      const plan = await run(['plan'])
      expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
      expect(flat(plan.stdout)).toContain('an earlier run may have executed it')
      expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
      expect(await tables()).toEqual(['t', 'u', 'v', 'w'])
    })

    test('is of its rest alone where lint asks', async () => {
      const { json } = await interrupted('CREATE VIEW v AS SELECT nothing FROM t;')
      const { answer } = await json(['lint', '--server'])
      const { findings, trial } = answer as unknown as LintResult
      expect(findings.filter(({ code }) => code === 'SERVER_REFUSES').map(({ line }) => line)).toEqual([4])
      expect(trial?.notes.join(' ')).toContain('only the rest of its up part was tried')
    })
  })

  test('finds what is there by names of any case', async () => {
    const { run, write } = await open({
      files: {
        'app/0001_t.sql': migration(
          'CREATE TABLE Upper (Id INT PRIMARY KEY);\nCREATE VIEW `Seen` AS SELECT Id FROM Upper;\nCREATE PROCEDURE Work () SELECT 1;',
        ),
      },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    write('app/0002_v.sql', migration('CREATE VIEW v AS SELECT id FROM `Seen`;\nDROP PROCEDURE work;'))
    const plan = await run(['plan'])
    expect(plan.exitCode, plan.stdout).toBe(0)
    expect(plan.stdout).not.toContain('not tried')
  })

  test('leaves out events, tables of MyISAM that are there, and what needs them, but not the rest', async () => {
    const { run, write, query } = await open({
      files: { 'app/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=MyISAM;') },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    write(
      'app/0002_more.sql',
      migration(
        `CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO DELETE FROM t;
ALTER TABLE t ADD COLUMN m INT;
CREATE VIEW v AS SELECT m FROM t;
CREATE TABLE k (id INT PRIMARY KEY) ENGINE=MyISAM;`,
      ),
    )
    const plan = await run(['plan'])
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
    expect(flat(plan.stdout)).toMatch(/CREATE EVENT \S+ .* was not tried in a scratch schema: .* So were 2 others\./)
    write('app/0003_wrong.sql', migration('CREATE VIEW w AS SELECT nothing FROM k;'))
    expect((await run(['migrate'])).stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(await query(`SHOW EVENTS`)).toEqual([])
    write('app/0003_wrong.sql', migration('CREATE VIEW w AS SELECT id FROM k;'))
    const ended = await run(['migrate', '--allow', 'BLOCKING_COPY,BODY_DELETES'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    expect((await query('SHOW EVENTS')).length).toBe(1)
  })

  test('leaves what runs on shards to its own proof, and tries what comes before it', async () => {
    const { run, write, query } = await open({
      files: {
        'app/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t VALUES (1);'),
        'shard-templates/app/notes.sql':
          '-- wwdb:keys app.t(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, n INT) ENGINE=InnoDB;\n',
      },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
    write(
      'shard-templates/app/notes.sql',
      '-- wwdb:keys app.t(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n',
    )
    write('app/0003_notes.sql', migration('ALTER TABLE {{table}} DROP COLUMN n;', undefined, '-- wwdb:shards notes'))
    write('app/0002_v.sql', migration('CREATE VIEW v AS SELECT nothing FROM t;'))
    const refused = await run(['migrate', '--allow', 'DROP_COLUMN'])
    expect(refused.stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(refused.stderr).toContain('0002_v.sql')
    expect((await query('SHOW COLUMNS FROM notes_1')).length).toBe(2)
  })
})
